package report

import "testing"

func TestClean(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"plain", "links.csv", "links.csv"},
		{"other scripts", "Verknüpfung 連結 🙂", "Verknüpfung 連結 🙂"},
		{"colour", "\x1b[31mred\x1b[0m", "red"},
		{"clear screen", "a\x1b[2J\x1b[Hb", "ab"},
		{"title", "a\x1b]0;owned\x07b", "ab"},
		{"title ended by ST", "a\x1b]0;owned\x1b\\b", "ab"},
		{"title without an end", "a\x1b]0;rest", "a ]0;rest"},
		{"eight-bit sequence", "a\u009b31mb", "ab"},
		{"lone escape", "a\x1bcb", "a cb"},
		{"lines", "one\r\ntwo\u2028three", "one  two three"},
		{"bell and backspace", "a\x07\x08b", "a  b"},
		{"reordered", "a\u202egpj.exe", "agpj.exe"},
		{"broken UTF-8", "a\xffb", "a\uFFFDb"},
		{"broken UTF-8 hides nothing", "\xff\x1b[31mred", "\uFFFDred"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Clean(test.in); got != test.want {
				t.Errorf("Clean(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[31mb\x1b\x1b[[0m0m")
	f.Fuzz(func(t *testing.T, s string) {
		if got := Clean(s); !plain(got) && Clean(got) != got {
			t.Errorf("Clean(%q) = %q, which is not clean", s, got)
		}
		for _, r := range Clean(s) {
			if harmful(r) || reorders(r) {
				t.Errorf("Clean(%q) keeps %q", s, r)
			}
		}
	})
}
