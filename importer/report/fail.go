package report

import (
	"fmt"
	"io"
	"strings"
)

// Fail tells a person of an error that ends the program: one line with what
// happened, and beneath it what to do next, if that is known.
func Fail(w io.Writer, err error, next string) {
	what := Clean(strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	fmt.Fprintf(w, "relink: %s\n", what)
	for line := range strings.Lines(next) {
		if line = strings.TrimRight(Clean(strings.TrimRight(line, "\r\n")), " "); line != "" {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
}
