package report

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sequences are the escape sequences that are taken out whole: CSI, and OSC up
// to its end. What is left of others loses its escape character and is harmless.
var sequences = regexp.MustCompile("(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\x1b\\]|\u009d)[^\x07\x1b]*(?:\x07|\x1b\\\\)")

// Clean makes a text from outside safe to print on one line of a terminal:
// escape sequences are taken out, line breaks and other control characters
// become spaces, characters that reorder the text vanish, and bytes that are
// no UTF-8 become U+FFFD.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	s = sequences.ReplaceAllString(strings.ToValidUTF8(s, "\uFFFD"), "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case reorders(r):
			return -1
		case harmful(r):
			return ' '
		}
		return r
	}, s))
}

func plain(s string) bool {
	for _, r := range s {
		if harmful(r) || reorders(r) || r == utf8.RuneError {
			return false
		}
	}
	return true
}

func harmful(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

func reorders(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r) || r == '\u200b' || r == '\ufeff'
}
