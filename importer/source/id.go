package source

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"relink/importer"
)

// maxID is the longest id, in bytes.
const maxID = 512

// plain reports whether s is an id as it stands: visible ASCII, and none of the
// marks that a spreadsheet puts in front. Nearly every cell is, so this looks
// at eight bytes at a time.
func plain(s string) bool {
	if len(s) > maxID {
		return false
	}
	if len(s) < 8 {
		for i := range len(s) {
			if s[i] <= ' ' || s[i] >= 0x7f {
				return false
			}
		}
		return len(s) > 0 && !damage(s[0])
	}
	var bad uint64
	for i := 0; i+8 <= len(s); i += 8 {
		bad |= odd(eight(s[i : i+8]))
	}
	bad |= odd(eight(s[len(s)-8:]))
	return bad == 0 && !damage(s[0])
}

func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// odd is not 0 if any of the eight bytes is a space, a control character or
// beyond ASCII. (Carries reach only bytes after one that is odd already.)
func odd(x uint64) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	low := (x - ones*0x21) &^ x
	del := x ^ ones*0x7f
	return (low | x | (del-ones)&^del) & tops
}

// damage reports whether an id begins with what spreadsheets put there.
func damage(first byte) bool {
	return first == '\'' || first == '"' || first == '='
}

// trim takes the blanks off both ends, those that cannot be seen included.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
	})
}

// clean takes off what a spreadsheet adds to keep a cell text: a leading ' and
// quotes around it, with or without the = of a formula.
func clean(s string) string {
	for {
		before := s
		s = trim(s)
		for _, q := range [...][2]string{{`="`, `"`}, {`"`, `"`}, {"'", "'"}, {"“", "”"}, {"„", "“"}, {"‘", "’"}} {
			if inner, ok := strings.CutPrefix(s, q[0]); ok {
				if inner, ok = strings.CutSuffix(inner, q[1]); ok {
					s = inner
				}
			}
		}
		s = strings.TrimPrefix(s, "'")
		if s == before {
			return s
		}
	}
}

// fault says why a trimmed string is no id; nil when it is one.
func fault(s string) *importer.Rejection {
	switch {
	case s == "":
		return &importer.Rejection{Cause: importer.RejectEmpty, Message: "the id is missing"}
	case !utf8.ValidString(s):
		return &importer.Rejection{Cause: importer.RejectEncoding, Message: "the id holds bytes that are no text in the file's encoding"}
	case len(s) > maxID:
		return &importer.Rejection{Cause: importer.RejectTooLong, Message: fmt.Sprintf("the id has %d bytes, more than %d", len(s), maxID)}
	}
	for i, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return &importer.Rejection{
				Cause:   importer.RejectControl,
				Message: fmt.Sprintf("the id holds %s at character %d", called(r), utf8.RuneCountInString(s[:i])+1),
			}
		}
	}
	return nil
}

// called names a character that cannot be seen.
func called(r rune) string {
	switch {
	case r == 0:
		return "a NUL"
	case r == ' ':
		return "a space"
	case r == '\n':
		return "a line break"
	case unicode.IsSpace(r):
		return fmt.Sprintf("a blank (%U)", r)
	}
	return fmt.Sprintf("a control character (%U)", r)
}
