//go:build darwin || freebsd || linux

package local

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// elsewhere holds the servers of state folders that only root can reach.
const elsewhere = "/var/lib/relink"

// A place is the folder of one private Postgres and the account it runs as.
type place struct {
	dir     string // absolute, without symbolic links
	account account
}

func (p place) data() string { return filepath.Join(p.dir, "data") }
func (p place) log() string  { return filepath.Join(p.dir, "server.log") }

// locate finds the place that belongs to a state folder, making both where they
// are missing. What root makes can be passed through by the server's account,
// but not listed.
func locate(state string) (place, error) {
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	state, err := filepath.Abs(state)
	if err != nil {
		return place{}, err
	}
	if err := os.MkdirAll(state, mode); err != nil {
		return place{}, err
	}
	if state, err = filepath.EvalSymlinks(state); err != nil {
		return place{}, err
	}
	dir := filepath.Join(state, "postgres")
	if os.Geteuid() == 0 {
		return locateAsRoot(state, dir)
	}
	if to, err := filepath.EvalSymlinks(dir); err == nil {
		dir = to
	}
	return makePlace(dir, state)
}

func locateAsRoot(state, dir string) (place, error) {
	fi, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a, err := chooseAccount(state)
		if err != nil {
			return place{}, err
		}
		ok, err := a.reaches(state)
		if err != nil {
			return place{}, err
		}
		if ok {
			return makePlace(dir, state)
		}
		return placeElsewhere(state, dir)
	case err != nil:
		return place{}, err
	case fi.Mode()&fs.ModeSymlink != 0:
		return placeElsewhere(state, dir)
	}
	p, err := makePlace(dir, state)
	if err != nil {
		return place{}, err
	}
	if ok, err := p.account.reaches(dir); err != nil || !ok {
		return place{}, errors.Join(err, fmt.Errorf("the account of the private Postgres (uid %d) cannot reach %s: "+
			"give the folders above it the mode o+x, or use another --state-dir", p.account.uid, dir))
	}
	return p, nil
}

// placeElsewhere follows the link that an earlier start left, so that a state
// folder can be moved, or makes it. Root follows no link but its own.
func placeElsewhere(state, link string) (place, error) {
	dir, err := os.Readlink(link)
	if err != nil {
		dir = filepath.Join(elsewhere, hash(state))
	} else if uid, err := ownerOf(link); err != nil || uid != 0 || filepath.Dir(dir) != elsewhere {
		return place{}, fmt.Errorf("%s is a link that relink did not make: remove it, or use another --state-dir", link)
	}
	if err := os.MkdirAll(elsewhere, 0o711); err != nil {
		return place{}, fmt.Errorf("%w: the account of the private Postgres cannot reach %s, and %s cannot be made: use another --state-dir", err, state, elsewhere)
	}
	p, err := makePlace(dir, elsewhere)
	if err != nil {
		return place{}, err
	}
	if err := p.remember(state); err != nil {
		return place{}, err
	}
	if err := os.Symlink(dir, link); err != nil && !errors.Is(err, fs.ErrExist) {
		return place{}, err
	}
	return p, nil
}

// makePlace makes dir, for the account that owns it or what lies above it.
func makePlace(dir, above string) (place, error) {
	a, err := chooseAccount(above)
	if err != nil {
		return place{}, err
	}
	if uid, err := ownerOf(dir); err == nil && uid != 0 {
		if a, err = chooseAccount(dir); err != nil {
			return place{}, err
		}
	}
	return place{dir: dir, account: a}, own(dir, a)
}

// own makes dir a private folder of the account. One that exists must be a real
// folder of the account, or of ours when a crash came between making it and
// giving it away: in /tmp anybody can have put something else there.
func own(dir string, a account) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !fi.IsDir() {
		return fmt.Errorf("%s is not a folder: move it out of the way", dir)
	}
	uid, err := ownerOf(dir)
	if err != nil {
		return err
	}
	if uid != a.uid && uid != os.Geteuid() {
		return fmt.Errorf("%s belongs to uid %d and not to uid %d, as which the private Postgres runs: "+
			"run relink as its owner, move it out of the way, or use another --state-dir", dir, uid, a.uid)
	}
	if fi.Mode().Perm() != 0o700 {
		if err := os.Chmod(dir, 0o700); err != nil {
			return err
		}
	}
	if uid != a.uid {
		return os.Lchown(dir, a.uid, a.gid)
	}
	return nil
}

// hash gives a path a short name.
func hash(path string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(path)))[:12]
}

// within tells whether path lies under dir.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, "../")
}
