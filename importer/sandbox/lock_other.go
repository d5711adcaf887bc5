//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package sandbox

import "os"

// lockFile only opens the file: this system has no lock that dies with its
// process, and a stale one would be worse than none.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}
