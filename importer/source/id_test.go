package source

import (
	"strings"
	"testing"
)

// TestPlain puts every byte at every place of ids of several lengths.
func TestPlain(t *testing.T) {
	for n := 1; n <= 25; n++ {
		for at := range n {
			for c := range 256 {
				b := []byte(strings.Repeat("x", n))
				b[at] = byte(c)
				want := c > ' ' && c < 0x7f && !(at == 0 && damage(byte(c)))
				if got := plain(string(b)); got != want {
					t.Fatalf("plain(%q) = %t", b, got)
				}
			}
		}
	}
	if plain("") || plain(strings.Repeat("x", maxID+1)) || !plain(strings.Repeat("x", maxID)) {
		t.Error("length")
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"'x": "x", `"x"`: "x", `="x"`: "x", "'x'": "x", `'"x"'`: "x", "“x”": "x", "x'": "x'", "x": "x", "'": "", `"`: `"`, " 'x ": "x", `x"y"`: `x"y"`,
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"first", "frist", 1}, {"first", "firt", 1}, {"first", "second", 6}, {"", "abc", 3}, {"locationid", "locatonid", 1}} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("%s to %s: %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
