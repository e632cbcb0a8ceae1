/* Notes everything a process asks the disk to keep, in order, so that a power cut can be imagined at any point of it.
 *
 *   cc -shared -fPIC -O2 -o record.so record.c
 *   POWERCUT_ROOT=/folder POWERCUT_LOG=/file LD_PRELOAD=record.so program
 *
 * What happens below POWERCUT_ROOT is done and then written into POWERCUT_LOG; calls wait for each other, so the log has
 * the order in which the kernel saw them. fsync is noted and not done: nothing but the notes has to survive. While the file
 * POWERCUT_LOG.fail is there, fsync and fdatasync fail with EIO, as on a dying disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[PATH_MAX], failing[PATH_MAX];
static size_t root_length;
static int log_file = -1;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) abort();
    return found;
}

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("POWERCUT_ROOT"), *file = getenv("POWERCUT_LOG");
    if (folder == NULL || file == NULL) return;
    if (realpath(folder, root) == NULL) abort();
    root_length = strlen(root);
    snprintf(failing, sizeof failing, "%s.fail", file);
    log_file = REAL(open)(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_file < 0) abort();
}

static int is_below(const char *path) {
    return log_file >= 0 && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

/* One entry: what, the lengths of two paths, an offset, the length of the data; then the three of them. */
static void note(char what, const char *path, const char *other, uint64_t offset, const void *data, uint64_t length) {
    struct __attribute__((packed)) { char what; uint16_t path, other; uint64_t offset, length; } head = {
        what, (uint16_t)strlen(path), (uint16_t)strlen(other), offset, length};
    struct iovec pieces[] = {{&head, sizeof head}, {(void *)path, head.path}, {(void *)other, head.other},
                             {(void *)data, data == NULL ? 0 : length}};
    int before = errno;
    if (REAL(writev)(log_file, pieces, 4) < 0) abort();
    errno = before;
}

/* The path of an open file as it is called now, when it is below the root. */
static int named(int fd, char *path) {
    char link[64];
    int before = errno;
    if (log_file < 0 || fd == log_file) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    errno = before;
    if (length < 0) return 0;
    path[length] = 0;
    return is_below(path) && strstr(path, " (deleted)") == NULL;
}

/* The absolute path of a name, with its folder resolved; the name itself may be a link. */
static int resolved(int folder, const char *name, char *path) {
    char parent[PATH_MAX], joined[PATH_MAX * 2], base[PATH_MAX];
    int before = errno;
    if (log_file < 0) return 0;
    if (name[0] == '/') snprintf(joined, sizeof joined, "%s", name);
    else {
        if (folder == AT_FDCWD) { if (getcwd(parent, sizeof parent) == NULL) return 0; }
        else {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
            ssize_t length = readlink(link, parent, sizeof parent - 1);
            if (length < 0) { errno = before; return 0; }
            parent[length] = 0;
        }
        snprintf(joined, sizeof joined, "%s/%s", parent, name);
    }
    size_t length = strlen(joined);
    while (length > 1 && joined[length - 1] == '/') joined[--length] = 0;
    char *slash = strrchr(joined, '/');
    snprintf(base, sizeof base, "%s", slash + 1);
    *slash = 0;
    if (realpath(slash == joined ? "/" : joined, parent) == NULL) { errno = before; return 0; }
    errno = before;
    if (strlen(parent) + strlen(base) + 2 > PATH_MAX) return 0;
    strcpy(path, parent);
    strcat(path, "/");
    strcat(path, base);
    return is_below(path);
}

/* --- Opening ------------------------------------------------------------------------------------------------------ */

static int open_noting(int folder, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    struct stat status;
    int was_there, fd;
    if (!(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || !resolved(folder, name, path))
        return REAL(openat)(folder, name, flags, mode);
    pthread_mutex_lock(&turn);
    was_there = lstat(path, &status) == 0;
    fd = REAL(openat)(folder, name, flags, mode);
    if (fd >= 0 && named(fd, path)) {
        if (!was_there) note('C', path, "", 0, NULL, 0);
        else if (flags & O_TRUNC) note('T', path, "", 0, NULL, 0);
    }
    pthread_mutex_unlock(&turn);
    return fd;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *name, int flags, ...) { MODE(flags) return open_noting(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags) return open_noting(AT_FDCWD, name, flags | O_LARGEFILE, mode); }
int openat(int folder, const char *name, int flags, ...) { MODE(flags) return open_noting(folder, name, flags, mode); }
int openat64(int folder, const char *name, int flags, ...) {
    MODE(flags)
    return open_noting(folder, name, flags | O_LARGEFILE, mode);
}
int creat(const char *name, mode_t mode) { return open_noting(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *name, mode_t mode) { return creat(name, mode); }

/* --- Writing ------------------------------------------------------------------------------------------------------ */

static uint64_t place_of(int fd) {
    struct stat status;
    if (fcntl(fd, F_GETFL) & O_APPEND && fstat(fd, &status) == 0) return (uint64_t)status.st_size;
    return (uint64_t)lseek(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *data, size_t length) {
    char path[PATH_MAX];
    if (!named(fd, path)) return REAL(write)(fd, data, length);
    pthread_mutex_lock(&turn);
    uint64_t place = place_of(fd);
    ssize_t done = REAL(write)(fd, data, length);
    if (done > 0) note('W', path, "", place, data, (uint64_t)done);
    pthread_mutex_unlock(&turn);
    return done;
}

static ssize_t pwrite_noting(int fd, const void *data, size_t length, off64_t place) {
    char path[PATH_MAX];
    if (!named(fd, path)) return REAL(pwrite64)(fd, data, length, place);
    pthread_mutex_lock(&turn);
    ssize_t done = REAL(pwrite64)(fd, data, length, place);
    if (done > 0) note('W', path, "", (uint64_t)place, data, (uint64_t)done);
    pthread_mutex_unlock(&turn);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t place) { return pwrite_noting(fd, data, length, place); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t place) { return pwrite_noting(fd, data, length, place); }

ssize_t writev(int fd, const struct iovec *pieces, int count) {
    char path[PATH_MAX];
    ssize_t done = 0;
    if (!named(fd, path)) return REAL(writev)(fd, pieces, count);
    for (int number = 0; number < count; number++) {
        ssize_t one = write(fd, pieces[number].iov_base, pieces[number].iov_len);
        if (one < 0) return done > 0 ? done : one;
        done += one;
        if ((size_t)one < pieces[number].iov_len) break;
    }
    return done;
}

/* Copies within the kernel become reads and writes that can be noted. */
static ssize_t copied(int to, int from, off64_t *place, size_t length) {
    static char piece[1 << 16];
    pthread_mutex_lock(&turn);
    size_t wanted = length < sizeof piece ? length : sizeof piece;
    ssize_t got = place == NULL ? read(from, piece, wanted) : pread64(from, piece, wanted, *place);
    pthread_mutex_unlock(&turn);
    if (got <= 0) return got;
    if (place != NULL) *place += got;
    for (ssize_t sent = 0; sent < got;) {
        ssize_t one = write(to, piece + sent, (size_t)(got - sent));
        if (one < 0) return one;
        sent += one;
    }
    return got;
}

ssize_t sendfile64(int to, int from, off64_t *place, size_t length) {
    char path[PATH_MAX];
    return named(to, path) ? copied(to, from, place, length) : REAL(sendfile64)(to, from, place, length);
}
ssize_t sendfile(int to, int from, off_t *place, size_t length) { return sendfile64(to, from, (off64_t *)place, length); }

ssize_t copy_file_range(int from, off64_t *from_place, int to, off64_t *to_place, size_t length, unsigned flags) {
    char path[PATH_MAX];
    if (!named(to, path)) return REAL(copy_file_range)(from, from_place, to, to_place, length, flags);
    errno = EXDEV; /* the caller has another way */
    return -1;
}

static int cut_noting(int fd, off64_t length) {
    char path[PATH_MAX];
    if (!named(fd, path)) return REAL(ftruncate64)(fd, length);
    pthread_mutex_lock(&turn);
    int done = REAL(ftruncate64)(fd, length);
    if (done == 0) note('T', path, "", 0, NULL, (uint64_t)length);
    pthread_mutex_unlock(&turn);
    return done;
}
int ftruncate(int fd, off_t length) { return cut_noting(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut_noting(fd, length); }

static int synced(int fd, int (*sync)(int)) {
    char path[PATH_MAX];
    if (!named(fd, path)) return sync(fd);
    if (access(failing, F_OK) == 0) { errno = EIO; return -1; }
    pthread_mutex_lock(&turn);
    note('S', path, "", 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return 0;
}
int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

/* --- Names -------------------------------------------------------------------------------------------------------- */

static int named_anew(char what, int folder, const char *from, int new_folder, const char *to, unsigned flags) {
    char path[PATH_MAX], other[PATH_MAX];
    int is_noted = resolved(folder, from, path) & resolved(new_folder, to, other);
    pthread_mutex_lock(&turn);
    int done = what == 'R' ? REAL(renameat2)(folder, from, new_folder, to, flags)
                           : REAL(linkat)(folder, from, new_folder, to, (int)flags);
    if (done == 0 && is_noted) note(what, path, other, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}
int rename(const char *from, const char *to) { return named_anew('R', AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int folder, const char *from, int other, const char *to) { return named_anew('R', folder, from, other, to, 0); }
int renameat2(int folder, const char *from, int other, const char *to, unsigned flags) {
    return named_anew('R', folder, from, other, to, flags);
}
int link(const char *from, const char *to) { return named_anew('L', AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int folder, const char *from, int other, const char *to, int flags) {
    return named_anew('L', folder, from, other, to, (unsigned)flags);
}

static int gone(int folder, const char *name, int flags) {
    char path[PATH_MAX];
    int is_noted = resolved(folder, name, path);
    pthread_mutex_lock(&turn);
    int done = REAL(unlinkat)(folder, name, flags);
    if (done == 0 && is_noted) note('U', path, "", 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}
int unlink(const char *name) { return gone(AT_FDCWD, name, 0); }
int unlinkat(int folder, const char *name, int flags) { return gone(folder, name, flags); }
int rmdir(const char *name) { return gone(AT_FDCWD, name, AT_REMOVEDIR); }

static int made(int folder, const char *name, mode_t mode) {
    char path[PATH_MAX];
    int is_noted = resolved(folder, name, path);
    pthread_mutex_lock(&turn);
    int done = REAL(mkdirat)(folder, name, mode);
    if (done == 0 && is_noted) note('M', path, "", 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}
int mkdir(const char *name, mode_t mode) { return made(AT_FDCWD, name, mode); }
int mkdirat(int folder, const char *name, mode_t mode) { return made(folder, name, mode); }
