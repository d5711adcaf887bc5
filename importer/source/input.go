package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// stdin is what "-" reads; tests put something else in its place.
var stdin = os.Stdin

// shown is how messages call a file.
func shown(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// openFile opens a file to be read, or standard input for "-", and tells its
// size, 0 where that is not known beforehand.
func openFile(name string) (*os.File, int64, error) {
	f := stdin
	if name != "-" {
		var err error
		if f, err = os.Open(name); err != nil {
			hint := ""
			if errors.Is(err, fs.ErrNotExist) {
				hint = "check the name, and the folder you are in"
			}
			return nil, 0, &Error{File: shown(name), Reason: "cannot be opened: " + cause(err), Hint: hint, Err: err}
		}
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, &Error{File: shown(name), Reason: "cannot be read: " + cause(err), Err: err}
	}
	switch {
	case info.IsDir():
		f.Close()
		return nil, 0, &Error{File: shown(name), Reason: "is a folder", Hint: "name the CSV files in it"}
	case info.Mode().IsRegular():
		return f, info.Size(), nil
	}
	return f, 0, nil
}

// cause is err without the operation and path that os puts in front: the
// message names the file already.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	return err.Error()
}
