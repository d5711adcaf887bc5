//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package leadconnector

import (
	"errors"
	"os"
)

// tryLock fails: without a lock that dies with its process, two processes could
// exchange one refresh token, and the grant would be lost.
func tryLock(string) (*os.File, bool, error) {
	return nil, false, errors.New("this system has no file locks that relink knows: use --token-file, renewed from outside")
}
