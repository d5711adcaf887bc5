//go:build darwin || freebsd || linux

package local

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// An account is who the server runs as and who owns its files.
type account struct {
	uid, gid int
	other    bool // not this process's own: we are root and step down to it
}

// chooseAccount picks the account for a server whose files lie in, or will be
// made in, dir. Only root has a choice.
func chooseAccount(dir string) (account, error) {
	me := account{uid: os.Geteuid(), gid: os.Getegid()}
	if me.uid != 0 {
		return me, nil
	}
	names := []string{"postgres", "_postgres", "nobody"}
	if uid, err := ownerOf(dir); err == nil && uid != 0 {
		if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
			names = append([]string{u.Username}, names...)
		}
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil && uid != 0 {
			return account{uid: uid, gid: gid, other: true}, nil
		}
	}
	return account{}, errors.New("a private Postgres cannot run as root, and there is neither an account postgres nor nobody: run relink as another user, or name a database with --database-url")
}

// environment is what of ours every child gets: nothing secret.
func environment() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if name == "PATH" || name == "TMPDIR" || strings.HasPrefix(name, "LD_") || strings.HasPrefix(name, "DYLD_") {
			env = append(env, kv)
		}
	}
	return env
}

// command prepares a program that runs as the account, apart from our terminal
// (its own session: ^C is for relink) and without our environment, which holds
// secrets and PG* variables that would lead Postgres astray.
func (a account) command(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = "/"
	cmd.Env = environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return cmd
}

// reaches tells whether the account can get into dir. It is tried rather than
// worked out from modes: access lists and security modules have a say too.
func (a account) reaches(dir string) (bool, error) {
	if !a.other {
		return true, nil
	}
	err := a.command(exec.Command("/bin/sh", "-c", `cd -- "$1"`, "sh", dir)).Run()
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) {
		return err == nil, nil
	}
	return false, fmt.Errorf("running a program as uid %d: %w", a.uid, err)
}

// take gives an open file of ours to the account.
func (a account) take(f *os.File) error {
	if !a.other {
		return nil
	}
	return f.Chown(a.uid, a.gid)
}

func ownerOf(path string) (uid int, err error) {
	fi, err := os.Lstat(path)
	if err != nil {
		return 0, err
	}
	return int(fi.Sys().(*syscall.Stat_t).Uid), nil
}
