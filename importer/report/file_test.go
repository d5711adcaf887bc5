package report

import (
	"testing"

	"relink/importer"
)

func TestCommand(t *testing.T) {
	failed := func(b importer.Books) bool { return b.Failed > 0 }
	good := File{Import: 2, Books: importer.Books{Created: 5}}
	bad := File{Import: 3, Books: importer.Books{Failed: 5}}
	for _, test := range []struct {
		name  string
		files []File
		want  string
	}{
		{"none", []File{good}, ""},
		{"one", []File{good, bad}, "relink failures --import 3"},
		{"several", []File{good, bad, bad}, "relink failures"},
		{"without a number", []File{{Books: bad.Books}}, "relink failures"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := command("failures", test.files, failed); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
