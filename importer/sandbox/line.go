package sandbox

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// A line of the log, its fields separated by tabs:
//
//	relink-sandbox  1  SALT                       the first line
//	=  NAME                                       a location or association, numbered from 0
//	+  MILLIS  LOCATION  ASSOCIATION  FIRST  SECOND   a relation, numbered from 0
//	-  NUMBER                                     a relation is deleted
//
// Numbers have base 36; tabs and line ends within a field are escaped.
type line struct {
	kind                  byte
	at                    time.Time
	location, association uint32
	first, second         string
	name                  string
	number                uint32
}

const (
	lineTitle  = 'r'
	lineName   = '='
	lineCreate = '+'
	lineDelete = '-'

	title = "relink-sandbox"
)

var errDamaged = errors.New("this is not a line of a sandbox's log, or it is damaged")

func appendTitle(b []byte, salt uint32) []byte {
	b = append(b, title+"\t1\t"...)
	return append(appendNumber(b, uint64(salt)), '\n')
}

func appendName(b []byte, name string) []byte {
	b = append(b, lineName, '\t')
	return append(appendField(b, name), '\n')
}

func appendCreate(b []byte, at time.Time, location, association uint32, r relation) []byte {
	b = append(b, lineCreate, '\t')
	b = append(appendNumber(b, uint64(at.UnixMilli())), '\t')
	b = append(appendNumber(b, uint64(location)), '\t')
	b = append(appendNumber(b, uint64(association)), '\t')
	b = append(appendField(b, r.first), '\t')
	return append(appendField(b, r.second), '\n')
}

func appendDelete(b []byte, number uint32) []byte {
	b = append(b, lineDelete, '\t')
	return append(appendNumber(b, uint64(number)), '\n')
}

func appendNumber(b []byte, n uint64) []byte { return strconv.AppendUint(b, n, 36) }

var (
	escape   = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`)
	unescape = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n")
)

func appendField(b []byte, s string) []byte {
	if strings.ContainsAny(s, "\\\t\n") {
		s = escape.Replace(s)
	}
	return append(b, s...)
}

// parseLine reads a line without its end.
func parseLine(text []byte) (line, error) {
	var f [6]string
	n := 0
	for rest, more := string(text), true; more; n++ {
		if n == len(f) {
			return line{}, errDamaged
		}
		f[n], rest, more = strings.Cut(rest, "\t")
	}
	l := line{}
	ok := true
	number := func(s string, bits int) uint64 {
		v, err := strconv.ParseUint(s, 36, bits)
		ok = ok && err == nil
		return v
	}
	field := func(s string) string {
		if strings.IndexByte(s, '\\') < 0 {
			return s
		}
		return unescape.Replace(s)
	}
	switch {
	case n == 3 && f[0] == title && f[1] == "1":
		l.kind, l.number = lineTitle, uint32(number(f[2], 32))
	case n == 2 && f[0] == "=":
		l.kind, l.name = lineName, field(f[1])
	case n == 2 && f[0] == "-":
		l.kind, l.number = lineDelete, uint32(number(f[1], 32))
	case n == 6 && f[0] == "+":
		l.kind = lineCreate
		l.at = time.UnixMilli(int64(number(f[1], 63)))
		l.location, l.association = uint32(number(f[2], 32)), uint32(number(f[3], 32))
		l.first, l.second = field(f[4]), field(f[5])
	default:
		ok = false
	}
	if !ok {
		return line{}, errDamaged
	}
	return l, nil
}

// formatID makes the 24 hexadecimal digits of a relation's id.
func formatID(at time.Time, salt, number uint32) string {
	var raw [12]byte
	binary.BigEndian.PutUint32(raw[0:], uint32(at.Unix()))
	binary.BigEndian.PutUint32(raw[4:], salt)
	binary.BigEndian.PutUint32(raw[8:], number)
	return hex.EncodeToString(raw[:])
}

// parseID reads the number back; whether the rest fits is for the caller to see.
func parseID(id string) (uint32, bool) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 12 {
		return 0, false
	}
	return binary.BigEndian.Uint32(raw[8:]), true
}
