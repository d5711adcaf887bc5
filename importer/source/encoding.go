package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// The encodings that are found by looking.
const (
	encUTF8    = "utf-8"
	encUTF16LE = "utf-16le"
	encUTF16BE = "utf-16be"
	enc1252    = "windows-1252"
)

// charsets are the encodings of one byte a character.
var charsets = map[string]*charmap.Charmap{
	enc1252:        charmap.Windows1252,
	"windows-1250": charmap.Windows1250,
	"windows-1251": charmap.Windows1251,
	"iso-8859-1":   charmap.ISO8859_1,
	"iso-8859-2":   charmap.ISO8859_2,
	"iso-8859-15":  charmap.ISO8859_15,
	"macintosh":    charmap.Macintosh,
	"cp437":        charmap.CodePage437,
	"cp850":        charmap.CodePage850,
}

// otherNames are what people call encodings besides, without - and _.
var otherNames = map[string]string{
	"utf8sig": encUTF8, "utf8bom": encUTF8,
	"utf16": encUTF16LE, "unicode": encUTF16LE,
	"cp1252": enc1252, "ansi": enc1252, "win1252": enc1252,
	"cp1250": "windows-1250", "cp1251": "windows-1251",
	"latin1": "iso-8859-1", "latin2": "iso-8859-2", "latin9": "iso-8859-15",
	"macroman": "macintosh", "mac": "macintosh",
	"ibm437": "cp437", "ibm850": "cp850",
}

func encodingNames() []string {
	names := []string{encUTF8, encUTF16LE, encUTF16BE}
	for name := range charsets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// encodingNamed is the one name of an encoding; "" stays "".
func encodingNamed(name string) (string, bool) {
	squeeze := strings.NewReplacer("-", "", "_", "", " ", "")
	key := squeeze.Replace(strings.ToLower(name))
	if key == "" {
		return "", name == ""
	}
	for _, known := range encodingNames() {
		if key == squeeze.Replace(known) {
			return known, true
		}
	}
	known, ok := otherNames[key]
	return known, ok
}

// A text is the content of a file as UTF-8.
type text struct {
	io.Reader
	encoding string // what it was
	guessed  bool   // that is a guess, not a mark, an option or a proof
}

// decode finds the encoding of src, unless asked names one, and turns it into
// UTF-8 without a byte order mark. Bytes that are no text in that encoding come
// out as invalid UTF-8 and never as a replacement character, so that the row
// that holds them can be told from a good one.
func decode(src *bufio.Reader, asked string) (text, error) {
	sample, err := src.Peek(src.Size())
	if err != nil && err != io.EOF {
		return text{}, err
	}
	whole := errors.Is(err, io.EOF)
	name, mark := marked(sample)
	if mark > 0 {
		src.Discard(mark) // a byte order mark is a proof; an option for several files may not fit them all
	}
	t := text{Reader: src, encoding: name}
	if mark == 0 && (asked == "" || asked == encUTF8) && bytes.IndexByte(sample, 0) >= 0 && binary(sample) {
		return text{}, errBinary(sample)
	}
	switch {
	case name != "":
	case asked != "":
		t.encoding, _ = encodingNamed(asked)
	case single(sample, whole):
		t.encoding, t.guessed = enc1252, true
	default:
		t.encoding = encUTF8
	}
	switch {
	case t.encoding == encUTF16LE:
		t.Reader = newTranscoder(src, utf16Decoder(0, 1))
	case t.encoding == encUTF16BE:
		t.Reader = newTranscoder(src, utf16Decoder(1, 0))
	case charsets[t.encoding] != nil:
		t.Reader = newTranscoder(src, charsetDecoder(charsets[t.encoding]))
	}
	return t, nil
}

// marked is the encoding that a byte order mark proves, and its length.
func marked(sample []byte) (string, int) {
	switch {
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")):
		return encUTF8, 3
	case bytes.HasPrefix(sample, []byte("\xff\xfe")):
		return encUTF16LE, 2
	case bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return encUTF16BE, 2
	}
	return "", 0
}

// single reports whether a sample is text of one byte a character. One valid
// UTF-8 sequence makes it UTF-8, with damaged rows perhaps: hardly any text
// looks like UTF-8 by chance. So does a byte that no western text holds.
func single(sample []byte, whole bool) bool {
	high := false
	for len(sample) > 0 {
		if sample[0] < utf8.RuneSelf {
			sample = sample[1:]
			continue
		}
		if !whole && !utf8.FullRune(sample) {
			break // cut by the end of the sample
		}
		if r, size := utf8.DecodeRune(sample); r != utf8.RuneError || size > 1 {
			return false
		}
		switch sample[0] {
		case 0x81, 0x8d, 0x8f, 0x90, 0x9d, 0xfe, 0xff:
			return false
		}
		high = true
		sample = sample[1:]
	}
	return high
}

// binary reports whether the first line of a sample holds what no header does.
func binary(sample []byte) bool {
	line := bytes.TrimLeft(sample, "\r\n")
	if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
		line = line[:i]
	}
	return bytes.ContainsFunc(line, func(r rune) bool {
		return r < ' ' && r != '\t' || r == 0x7f
	})
}

// errBinary says that a file is no text, or text in an encoding without a mark.
func errBinary(sample []byte) *Error {
	hint := "export the rows as CSV UTF-8"
	even, odd := 0, 0
	for i, b := range sample[:min(len(sample), 512)] {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	half := min(len(sample), 512) / 2
	if odd > half/2 && even == 0 {
		hint = "if it is UTF-16 without a byte order mark, say --encoding utf-16le"
	} else if even > half/2 && odd == 0 {
		hint = "if it is UTF-16 without a byte order mark, say --encoding utf-16be"
	}
	return &Error{Line: 1, Reason: "is binary, not a CSV", Hint: hint}
}
