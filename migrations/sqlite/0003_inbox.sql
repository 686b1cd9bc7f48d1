-- Watched folders: every file that was ever seen in one, from the claim to the answer.

-- state: claimed (one worker has it until its lease ends), taken (judged and kept, in the transaction of its submissions),
-- answered (the file left the drop place and its answer lies in the folder). Names are bytes as the file system gives
-- them. lease_until is in milliseconds since 1970 by the clock of the database.
create table delivery (
    id           integer primary key,
    folder       text    not null,
    file_name    blob    not null,
    inode        integer not null,
    size         integer not null,
    digest       blob,
    state        text    not null,
    outcome      text    not null,
    lease_owner  text    not null,
    lease_token  integer not null,
    lease_until  integer not null,
    attempts     integer not null,
    arrival_id   integer references arrival (id),
    answer_name  text    not null,
    moved_to     text    not null,
    answer       blob,
    papers       text    not null,
    released_by  text    not null,
    claimed_at   text    not null,
    taken_at     text    not null,
    answered_at  text    not null
) strict;

-- One file in a drop place is one delivery until it is answered.
create unique index delivery_open on delivery (folder, file_name, inode) where state <> 'answered';
create index delivery_papers on delivery (folder, id) where papers = 'wanted';
create index delivery_released on delivery (folder, digest) where released_by <> '';
create index delivery_of_arrival on delivery (arrival_id);
