package source

import (
	"bytes"
	"encoding/csv"
	"strings"
	"unicode/utf8"
)

// delimiters are those that are looked for, the usual one first.
var delimiters = [...]rune{',', ';', '\t', '|'}

// sepLine is the delimiter that Excel's first line "sep=;" names; 0 when line
// is no such line.
func sepLine(line []byte) rune {
	s := strings.TrimSuffix(strings.TrimPrefix(string(line[:min(len(line), 16)]), `"`), `"`)
	if len(s) < 4 || !strings.EqualFold(s[:4], "sep=") {
		return 0
	}
	r, size := utf8.DecodeRuneInString(s[4:])
	if size == 0 || size != len(s)-4 || r == '"' || r == utf8.RuneError {
		return 0
	}
	return r
}

// findDelimiter looks which delimiter makes most sense of a first line: it
// names most of the columns that are needed, or gives the most fields.
func findDelimiter(line []byte, o Options) rune {
	best, most := delimiters[0], -1
	for _, d := range delimiters {
		fields := splitLine(line, d)
		score := len(fields) - 1
		if !o.NoHeader {
			score += 1_000_000 * rolesIn(fields, o)
		}
		if score > most {
			best, most = d, score
		}
	}
	return best
}

// splitLine splits one line as far as it can be, without complaint.
func splitLine(line []byte, d rune) []string {
	r := csv.NewReader(bytes.NewReader(line))
	r.Comma = d
	r.LazyQuotes = true
	fields, _ := r.Read()
	return fields
}
