package report

import "testing"

func TestCells(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "é": 1, "e\u0301": 1, "連結": 4, "🙂": 2, "→": 1} {
		if got := cells(s); got != want {
			t.Errorf("cells(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		in    string
		width int
		want  string
	}{
		{"links.csv", 9, "links.csv"},
		{"links.csv", 8, "links..."},
		{"連結連結", 7, "連結..."},
		{"連結連結", 6, "連..."},
		{"links", 2, ".."},
		{"links", 0, ""},
		{"links", -1, ""},
	} {
		if got := cut(test.in, test.width); got != test.want {
			t.Errorf("cut(%q, %d) = %q, want %q", test.in, test.width, got, test.want)
		}
	}
}
