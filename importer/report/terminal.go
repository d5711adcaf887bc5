package report

import (
	"os"

	"golang.org/x/term"
)

// IsTerminal reports whether f is a terminal on which lines may be drawn over
// again. NO_COLOR and TERM=dumb ask for plain output and are taken as no.
func IsTerminal(f *os.File) bool {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	return term.IsTerminal(int(f.Fd()))
}

// Width is how many columns the terminal f has just now, 0 when f is none or
// does not tell: then nothing has to be shortened.
func Width(f *os.File) int {
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns < 0 {
		return 0
	}
	return columns
}
