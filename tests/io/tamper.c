/* Follows a process and interferes with one of its system calls, for killing.py (Linux, x86-64), which loads it.
 *
 * The process calls be_followed(); its parent calls follow(). Counted are the calls of all threads between
 * close(BEGIN) and close(END), which the process makes to say where they begin and end; not futex(), whose number is a
 * matter of chance. MODE "kill" ends the process before the n-th; a number makes the n-th call that writes fail with
 * that errno; "short" lets the n-th write() write half of what it should. follow() gives the exit status: that of the
 * process, 128 + signal where one ended it, 99 where there is no n-th call, 98 where tracing is not possible.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BEGIN = 999001, END = 999002, THREADS = 256, NO_NTH = 99, CANNOT = 98, FULL = 97 };

struct thread {
    pid_t id;
    int inside;  /* between the entry and the exit of a call */
    int failing; /* the call was taken away: its exit gets the error */
};

static struct thread threads[THREADS];

static struct thread* thread_of(pid_t id) {
    for (int i = 0; i < THREADS; ++i)
        if (threads[i].id == id) return &threads[i];
    for (int i = 0; i < THREADS; ++i)
        if (threads[i].id == 0) {
            threads[i] = (struct thread){id, 0, 0};
            return &threads[i];
        }
    _exit(FULL);
}

static int changes_files(long call) {
    static const long calls[] = {SYS_openat,    SYS_open,  SYS_creat,     SYS_write,  SYS_pwrite64,
                                 SYS_writev,    SYS_fsync, SYS_fdatasync, SYS_rename, SYS_renameat,
                                 SYS_renameat2, SYS_mkdir, SYS_mkdirat,   SYS_unlink, SYS_unlinkat,
                                 SYS_ftruncate, SYS_close};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; ++i)
        if (calls[i] == call) return 1;
    return 0;
}

void be_followed(void) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0)) _exit(CANNOT);
    raise(SIGSTOP);
}

int follow(pid_t child, const char* mode, long wanted) {
    const int kill_mode = !strcmp(mode, "kill"), short_mode = !strcmp(mode, "short");
    const int error = kill_mode || short_mode ? 0 : atoi(mode);
    memset(threads, 0, sizeof threads);
    int status, counting = 0, done = 0;
    long count = 0;
    if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status)) return CANNOT;
    if (ptrace(PTRACE_SETOPTIONS, child, 0,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL))
        return CANNOT;
    ptrace(PTRACE_SYSCALL, child, 0, 0);
    for (;;) {
        const pid_t id = waitpid(-1, &status, __WALL);
        if (id < 0) return CANNOT;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (id != child) {
                thread_of(id)->id = 0;
                continue;
            }
            if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
            return done || WEXITSTATUS(status) ? WEXITSTATUS(status) : NO_NTH;
        }
        const int signal = WSTOPSIG(status);
        if (signal != (SIGTRAP | 0x80)) {
            /* A new thread starts with a stop; events are traps. Other signals are the program's own. */
            const int ours = signal == SIGTRAP || signal == SIGSTOP;
            ptrace(PTRACE_SYSCALL, id, 0, ours ? 0 : signal);
            continue;
        }
        struct thread* thread = thread_of(id);
        struct user_regs_struct regs;
        ptrace(PTRACE_GETREGS, id, 0, &regs);
        thread->inside = !thread->inside;
        if (!thread->inside) {
            if (thread->failing) {
                regs.rax = (unsigned long long)-error;
                ptrace(PTRACE_SETREGS, id, 0, &regs);
                thread->failing = 0;
            }
        } else {
            const long call = (long)regs.orig_rax;
            if (call == SYS_close && regs.rdi == BEGIN) {
                counting = 1;
            } else if (call == SYS_close && regs.rdi == END) {
                counting = 0;
            } else if (counting && call != SYS_futex &&
                       (kill_mode || (short_mode ? call == SYS_write : changes_files(call))) &&
                       ++count == wanted) {
                done = 1;
                if (kill_mode) {
                    kill(child, SIGKILL);
                } else if (short_mode) {
                    regs.rdx = (regs.rdx + 1) / 2;
                    ptrace(PTRACE_SETREGS, id, 0, &regs);
                } else {
                    regs.orig_rax = (unsigned long long)-1;
                    ptrace(PTRACE_SETREGS, id, 0, &regs);
                    thread->failing = 1;
                }
            }
        }
        ptrace(PTRACE_SYSCALL, id, 0, 0);
    }
}
