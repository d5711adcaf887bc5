package cli

import (
	"errors"
	"io/fs"
)

// A failure is an error with the exit code it ends the program with, and what
// a person can do next.
type failure struct {
	err  error
	code int
	next string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// usage is a failure of how relink was called.
func usage(err error, next string) error { return &failure{err: err, code: 2, next: next} }

// inStateFolder is an error of something kept in the state folder; of the folder
// itself it says what to do about it.
func inStateFolder(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &failure{err: err, code: 1, next: "the state folder has to be writable: name another one with --state-dir DIR"}
	}
	return err
}
