/* Runs a program and counts its system calls on watched files (and sockets), over all its threads; kills it in place of
 * call K. strace counts for each thread and each kind of call apart; one count over all of them meets every call.
 *
 *   tracer REPORT K WATCH[:WATCH...] MODE PROGRAM ARGUMENT...
 *
 * REPORT  file to write: "calls N killed 0|1 undone U last NAME PATH"
 * K       the call that does not happen any more, from 1; 0 kills nothing
 * WATCH   beginnings of paths; "socket:" watches sockets
 * MODE    "kill": the process ends, the system goes on (what was written is there)
 *         "power": what was never flushed is undone: bytes that no fsync of their file followed, names that no fsync of
 *         their folder followed. The worst that POSIX allows, as one model of a power cut: all of it is lost, none kept.
 *         What was renamed to NAME.answer.json before, and so could be read by others, is copied to REPORT.seen.
 *
 * Exit status: that of the program; 137 when it was killed; 125 when the tracer could not work. Linux 5.3 or later. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* As in linux/ptrace.h, which does not go together with sys/ptrace.h. */
#define GET_SYSCALL_INFO 0x420e
struct syscall_info {
    unsigned char op, pad[3];
    unsigned arch;
    unsigned long long instruction, stack;
    union {
        struct { unsigned long long nr, args[6]; } entry;
        struct { long long value; unsigned char is_error; } exit;
    };
};
enum { IS_ENTRY = 1, IS_EXIT = 2 };

enum kind { OTHER, FD, PATH, AT, RENAME, RENAMEAT, CONNECT };
enum act { NONE, WRITE, WRITEV, PWRITE, TRUNCATE, FLUSH, OPEN, MAKE_FOLDER, REMOVE, LINK, MOVE };
struct call { long number; enum kind kind; enum act act; const char *name; };

#define CALL(name, kind, act) { SYS_##name, kind, act, #name }
static const struct call calls[] = {
    CALL(read, FD, NONE), CALL(pread64, FD, NONE), CALL(readv, FD, NONE), CALL(preadv, FD, NONE),
    CALL(write, FD, WRITE), CALL(pwrite64, FD, PWRITE), CALL(writev, FD, WRITEV), CALL(close, FD, NONE),
    CALL(fsync, FD, FLUSH), CALL(fdatasync, FD, FLUSH), CALL(ftruncate, FD, TRUNCATE), CALL(fallocate, FD, NONE),
    CALL(fcntl, FD, NONE), CALL(flock, FD, NONE), CALL(lseek, FD, NONE), CALL(fstat, FD, NONE),
    CALL(getdents64, FD, NONE), CALL(fchmod, FD, NONE), CALL(fchown, FD, NONE), CALL(mmap, OTHER, NONE),
    CALL(sendto, FD, NONE), CALL(recvfrom, FD, NONE), CALL(sendmsg, FD, NONE), CALL(recvmsg, FD, NONE),
    CALL(connect, CONNECT, NONE), CALL(openat, AT, OPEN), CALL(openat2, AT, OPEN), CALL(newfstatat, AT, NONE),
    CALL(statx, AT, NONE), CALL(faccessat, AT, NONE), CALL(mkdirat, AT, MAKE_FOLDER), CALL(unlinkat, AT, REMOVE),
    CALL(linkat, RENAMEAT, LINK), CALL(renameat2, RENAMEAT, MOVE), CALL(fchmodat, AT, NONE), CALL(fchownat, AT, NONE),
    CALL(readlinkat, AT, NONE), CALL(utimensat, AT, NONE),
#ifdef SYS_renameat
    CALL(renameat, RENAMEAT, MOVE),
#endif
#ifdef SYS_open
    CALL(open, PATH, OPEN), CALL(stat, PATH, NONE), CALL(lstat, PATH, NONE), CALL(access, PATH, NONE),
    CALL(mkdir, PATH, MAKE_FOLDER), CALL(unlink, PATH, REMOVE), CALL(rmdir, PATH, REMOVE), CALL(link, RENAME, LINK),
    CALL(rename, RENAME, MOVE), CALL(chmod, PATH, NONE), CALL(readlink, PATH, NONE),
#endif
};

static char *watched[16];
static int watches;
static int power;
static long counted;

static void die(const char *what) { perror(what); exit(125); }

static int is_watched(const char *path) {
    for (int i = 0; i < watches; i++)
        if (!strncmp(path, watched[i], strlen(watched[i]))) return 1;
    return 0;
}

static int path_of_fd(pid_t tid, int fd, char *out) {
    char link[64];
    if (fd == AT_FDCWD) snprintf(link, sizeof link, "/proc/%d/cwd", tid);
    else snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, fd);
    ssize_t length = readlink(link, out, PATH_MAX - 1);
    out[length < 0 ? 0 : length] = 0;
    return length > 0;
}

/* A path argument, from the memory of the program; relative ones below their folder. */
static void path_argument(pid_t tid, int folder, unsigned long at, char *out) {
    char text[PATH_MAX] = "";
    size_t got = 0;
    while (got < sizeof text - 1) { /* to the end of the page: the next one may not be there */
        size_t part = 4096 - (at + got) % 4096;
        if (part > sizeof text - 1 - got) part = sizeof text - 1 - got;
        struct iovec here = { text + got, part }, there = { (void *)(at + got), part };
        ssize_t read = process_vm_readv(tid, &here, 1, &there, 1, 0);
        if (read <= 0) break;
        if (memchr(text + got, 0, read)) break;
        got += read;
    }
    if (text[0] == '/') { strcpy(out, text); return; }
    char base[PATH_MAX];
    path_of_fd(tid, folder, base);
    if (!text[0]) strcpy(out, base);
    else if (snprintf(out, PATH_MAX, "%s/%s", base, text) >= PATH_MAX) out[0] = 0;
}

/* What could still be lost. */
struct change {
    enum act act;
    dev_t device; ino_t inode;  /* the file, or the folder of a name: what must be flushed */
    int file;                   /* bytes: the file, open */
    off_t at, size; size_t length; char *old;
    char *path, *to, *aside;    /* names */
    int lost;                   /* 1: undone when the power goes */
};
static struct change *changes;
static size_t made;
static char aside[PATH_MAX];

static struct change *new_change(enum act act) {
    changes = realloc(changes, (made + 1) * sizeof *changes);
    if (!changes) die("memory");
    struct change *change = &changes[made++];
    memset(change, 0, sizeof *change);
    change->act = act;
    change->file = -1;
    return change;
}

static void in_folder(struct change *change, const char *path) {
    char folder[PATH_MAX];
    struct stat state;
    strcpy(folder, path);
    char *end = strrchr(folder, '/');
    if (end && end != folder) *end = 0;
    if (!stat(folder, &state)) { change->device = state.st_dev; change->inode = state.st_ino; }
}

static void keep_bytes(pid_t tid, int fd, enum act act, off_t at, size_t length) {
    char link[64];
    struct stat state;
    snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, fd);
    int file = open(link, O_RDWR);
    if (file < 0 && !stat(link, &state)) { /* read-only by its mode: ours all the same */
        chmod(link, 0600);
        file = open(link, O_RDWR);
        chmod(link, state.st_mode & 07777);
    }
    if (file < 0 || fstat(file, &state) || !S_ISREG(state.st_mode)) { if (file >= 0) close(file); return; }
    if (act == WRITE || act == WRITEV) {
        char name[64], line[128];
        long long position = 0; int flags = 0;
        snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", tid, fd);
        FILE *info = fopen(name, "r");
        while (info && fgets(line, sizeof line, info)) {
            sscanf(line, "pos: %lld", &position);
            sscanf(line, "flags: %o", (unsigned *)&flags);
        }
        if (info) fclose(info);
        at = flags & O_APPEND ? state.st_size : position;
    }
    if (act == TRUNCATE) length = at < state.st_size ? state.st_size - at : 0;
    struct change *change = new_change(WRITE);
    change->device = state.st_dev; change->inode = state.st_ino;
    change->file = file; change->at = at; change->size = state.st_size;
    change->old = malloc(length + 1);
    ssize_t got = pread(file, change->old, length, at);
    change->length = got > 0 ? got : 0;
}

static void keep_name(enum act act, const char *path, const char *to) {
    static int kept;
    char name[PATH_MAX + 32];
    struct stat state;
    const char *replaced = act == REMOVE ? path : act == MOVE ? to : NULL;
    int there = replaced && !lstat(replaced, &state);
    if (act == REMOVE && !there) return;
    struct change *change = new_change(act);
    change->path = strdup(path);
    change->to = to ? strdup(to) : NULL;
    in_folder(change, to ? to : path);
    if (there && !S_ISDIR(state.st_mode)) {
        snprintf(name, sizeof name, "%s/%d", aside, kept++);
        if (!link(replaced, name)) change->aside = strdup(name);
    }
}

/* Before a call: what it will change. Gives the number of changes made, to be taken back when the call fails. */
static void before(pid_t tid, const struct call *call, const unsigned long long *args, const char *path, const char *to) {
    struct stat state;
    switch (call->act) {
    case WRITE: keep_bytes(tid, args[0], WRITE, 0, args[2]); break;
    case PWRITE: keep_bytes(tid, args[0], PWRITE, args[3], args[2]); break;
    case WRITEV: keep_bytes(tid, args[0], WRITEV, 0, 1 << 20); break;
    case TRUNCATE: keep_bytes(tid, args[0], TRUNCATE, args[1], 0); break;
    case OPEN: {
        int flags = call->kind == PATH ? args[1] : args[2];
        if (call->number == SYS_openat2) {
            unsigned long long how = 0;
            struct iovec here = { &how, 8 }, there = { (void *)args[2], 8 };
            process_vm_readv(tid, &here, 1, &there, 1, 0);
            flags = how;
        }
        if (flags & O_CREAT && lstat(path, &state)) keep_name(OPEN, path, NULL);
        break;
    }
    case MAKE_FOLDER: keep_name(MAKE_FOLDER, path, NULL); break;
    case REMOVE: keep_name(REMOVE, path, NULL); break;
    case LINK: keep_name(LINK, path, to); break;
    case MOVE: keep_name(MOVE, path, to); break;
    default: break;
    }
}

static void flushed(pid_t tid, int fd) {
    char link[64];
    struct stat state;
    snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, fd);
    if (stat(link, &state)) return;
    for (size_t i = 0; i < made; i++)
        if (changes[i].device == state.st_dev && changes[i].inode == state.st_ino) changes[i].lost = 0;
}

/* Others may have read it: kept, whatever becomes of the file. */
static void seen(const char *report, const char *path) {
    const char *ending = strstr(path, ".answer.json");
    char name[PATH_MAX], bytes[1 << 16];
    if (!ending || strlen(ending) != strlen(".answer.json")) return;
    snprintf(name, sizeof name, "%s.seen", report);
    int from = open(path, O_RDONLY), to = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (from < 0 || to < 0) die("seen");
    for (ssize_t got; (got = read(from, bytes, sizeof bytes)) > 0;)
        if (write(to, bytes, got) != got) die("seen");
    close(from);
    close(to);
}

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *f) {
    (void)s; (void)type; (void)f;
    return remove(path);
}

static long undo(void) {
    long undone = 0;
    for (size_t i = made; i-- > 0;) {
        struct change *change = &changes[i];
        if (!change->lost) continue;
        undone++;
        switch (change->act) {
        case WRITE:
            if (pwrite(change->file, change->old, change->length, change->at) != (ssize_t)change->length
                || ftruncate(change->file, change->size)) die("undo");
            break;
        case OPEN: unlink(change->path); break;
        case LINK: unlink(change->to); break;
        case MAKE_FOLDER: nftw(change->path, remove_one, 16, FTW_DEPTH | FTW_PHYS); break;
        case REMOVE: if (change->aside && link(change->aside, change->path) && errno != ENOENT) die("undo"); break;
        case MOVE:
            rename(change->to, change->path);
            if (change->aside) link(change->aside, change->to);
            break;
        default: break;
        }
    }
    return undone;
}

/* A thread of the program. */
struct thread { pid_t tid; int inside; const struct call *call; int fd; size_t from, to; };
static struct thread threads[512];

static struct thread *thread_of(pid_t tid) {
    struct thread *free_place = NULL;
    for (int i = 0; i < 512; i++) {
        if (threads[i].tid == tid) return &threads[i];
        if (!threads[i].tid && !free_place) free_place = &threads[i];
    }
    if (!free_place) die("too many threads");
    memset(free_place, 0, sizeof *free_place);
    free_place->tid = tid;
    return free_place;
}

/* Is it a call on something watched? Fills the paths. */
static const struct call *concerns(pid_t tid, long number, const unsigned long long *args, char *path, char *to) {
    path[0] = to[0] = 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const struct call *call = &calls[i];
        if (call->number != number) continue;
        switch (call->kind) {
        case FD: path_of_fd(tid, args[0], path); break;
        case CONNECT: path_of_fd(tid, args[0], path); break;
        case PATH: path_argument(tid, AT_FDCWD, args[0], path); break;
        case AT: path_argument(tid, (int)args[0], args[1], path); break;
        case RENAME: path_argument(tid, AT_FDCWD, args[0], path); path_argument(tid, AT_FDCWD, args[1], to); break;
        case RENAMEAT:
            path_argument(tid, (int)args[0], args[1], path);
            path_argument(tid, (int)args[2], args[3], to);
            break;
        default: return NULL;
        }
        return is_watched(path) || (to[0] && is_watched(to)) ? call : NULL;
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 6) { fprintf(stderr, "usage: tracer REPORT K WATCH MODE PROGRAM ...\n"); return 125; }
    long at = atol(argv[2]);
    for (char *part = strtok(argv[3], ":"); part && watches < 16; part = strtok(NULL, ":"))
        watched[watches++] = strcmp(part, "socket") ? part : "socket:";
    power = !strcmp(argv[4], "power");
    if (power) { /* beside the first watched folder: on the same file system */
        snprintf(aside, sizeof aside, "%.*s.aside.%d", PATH_MAX - 32, watched[0], getpid());
        if (mkdir(aside, 0700)) die(aside);
    }
    pid_t child = fork();
    if (child < 0) die("fork");
    if (!child) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execvp(argv[5], argv + 5);
        die(argv[5]);
    }
    int status, ended = 125, killed = 0;
    char last[2 * PATH_MAX] = "-", path[PATH_MAX], to[PATH_MAX];
    if (waitpid(child, &status, 0) < 0) die("wait");
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK
        | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, child, 0, options)) die("ptrace");
    thread_of(child);
    ptrace(PTRACE_SYSCALL, child, 0, 0);
    for (;;) {
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid < 0) { if (errno == EINTR) continue; break; }
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (tid == child) ended = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            for (int i = 0; i < 512; i++) if (threads[i].tid == tid) threads[i].tid = 0;
            continue;
        }
        int fresh = 1, pass = 0;
        for (int i = 0; i < 512; i++) if (threads[i].tid == tid) fresh = 0;
        struct thread *thread = thread_of(tid);
        int signal = WSTOPSIG(status);
        if (signal == (SIGTRAP | 0x80)) {
            struct syscall_info info;
            memset(&info, 0, sizeof info);
            if (ptrace(GET_SYSCALL_INFO, tid, sizeof info, &info) < 0) {
                if (errno == ESRCH) continue;
                die("PTRACE_GET_SYSCALL_INFO");
            }
            if (info.op == IS_ENTRY && !killed) {
                thread->call = concerns(tid, info.entry.nr, info.entry.args, path, to);
                if (thread->call) {
                    counted++;
                    if (counted == at) {
                        snprintf(last, sizeof last, "%s %s", thread->call->name, path);
                        killed = 1;
                        kill(child, SIGKILL);
                        continue;
                    }
                    thread->fd = info.entry.args[0];
                    thread->from = made;
                    if (power) before(tid, thread->call, info.entry.args, path, to);
                    thread->to = made;
                }
            } else if (info.op == IS_EXIT && thread->call && power) {
                for (size_t i = thread->from; i < thread->to; i++) changes[i].lost = !info.exit.is_error;
                if (thread->call->act == FLUSH && !info.exit.is_error) flushed(tid, thread->fd);
                if (thread->call->act == MOVE && !info.exit.is_error && thread->from < thread->to)
                    seen(argv[1], changes[thread->from].to);
                thread->call = NULL;
            }
        } else if (signal == SIGTRAP && status >> 16) {
            ; /* an event of ptrace */
        } else if (!(signal == SIGSTOP && fresh)) {
            pass = signal;
        }
        ptrace(PTRACE_SYSCALL, tid, 0, pass);
    }
    long undone = power ? undo() : 0;
    if (power) nftw(aside, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    FILE *report = fopen(argv[1], "w");
    if (!report) die(argv[1]);
    fprintf(report, "calls %ld killed %d undone %ld last %s\n", counted, killed, undone, last);
    fclose(report);
    return ended;
}
