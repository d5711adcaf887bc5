package report

import (
	"errors"
	"strings"
	"testing"
)

func TestFail(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		next string
		want string
	}{
		{"plain", errors.New("opening links.csv: no such file"), "", "relink: opening links.csv: no such file\n"},
		{"with a next step", errors.New("no usable header"), "name the column: --first-column COLUMN\n", "relink: no usable header\n  name the column: --first-column COLUMN\n"},
		{"several errors", errors.Join(errors.New("one"), errors.New("two")), "a\nb", "relink: one; two\n  a\n  b\n"},
		{"from outside", errors.New("opening \x1b]0;x\x07\x1b[31mlinks.csv"), "relink check \x1b[2Jx", "relink: opening links.csv\n  relink check x\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b strings.Builder
			Fail(&b, test.err, test.next)
			if got := b.String(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
