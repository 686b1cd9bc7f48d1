-- Watched folders: every file that was ever seen in one, from the claim to the answer.

-- state: claimed (one worker has it until its lease ends), taken (judged and kept, in the transaction of its submissions),
-- answered (the file left the drop place and its answer lies in the folder). Names are bytes as the file system gives
-- them. lease_until is in milliseconds since 1970 by the clock of the database.
create table delivery (
    id           bigint  primary key,
    folder       text    not null,
    file_name    bytea   not null,
    inode        bigint  not null,
    size         bigint  not null,
    digest       bytea,
    state        text    not null,
    outcome      text    not null,
    lease_owner  text    not null,
    lease_token  bigint  not null,
    lease_until  bigint  not null,
    attempts     bigint  not null,
    arrival_id   bigint  references arrival (id),
    answer_name  text    not null,
    moved_to     text    not null,
    answer       bytea,
    papers       text    not null,
    released_by  text    not null,
    claimed_at   text    not null,
    taken_at     text    not null,
    answered_at  text    not null
);

-- One file in a drop place is one delivery until it is answered.
create unique index delivery_open on delivery (folder, file_name, inode) where state <> 'answered';
create index delivery_papers on delivery (folder, id) where papers = 'wanted';
create index delivery_released on delivery (folder, digest) where released_by <> '';
create index delivery_of_arrival on delivery (arrival_id);
alter table delivery alter column answer set storage external;
