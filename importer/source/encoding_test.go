package source

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestSingle(t *testing.T) {
	for _, test := range []struct {
		sample string
		whole  bool
		want   bool
	}{
		{"plain", true, false}, {"Zo\xeb", true, true}, {"Zoë", true, false}, {"Zoë \xeb", true, false},
		{"cut \xe2\x82", false, false}, {"cut \xe2\x82", true, true}, {"\xff", true, false},
	} {
		if got := single([]byte(test.sample), test.whole); got != test.want {
			t.Errorf("single(%q, %t) = %t", test.sample, test.whole, got)
		}
	}
}

// TestPieces decodes byte by byte, where every pair of bytes is cut in two.
func TestPieces(t *testing.T) {
	bytewise := func(s string) io.Reader { return iotest.OneByteReader(strings.NewReader(s)) }
	for name, test := range map[string]struct {
		r    io.Reader
		want string
	}{
		"line ends": {&lineEnds{src: bytewise("a\r\nb\rc\nd\r\r\ne\r")}, "a\nb\nc\nd\n\ne\n"},
		"utf-16":    {newTranscoder(bytewise("a\x00\x3d\xd8\x00\xde\x3d\xd8b\x00c"), utf16Decoder(0, 1)), "a😀\xffb\xff"},
		"charset":   {newTranscoder(bytewise("a\x80\xeb"), charsetDecoder(charsets[enc1252])), "a€ë"},
	} {
		got, err := io.ReadAll(test.r)
		if err != nil || !bytes.Equal(got, []byte(test.want)) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestEncodingNamed(t *testing.T) {
	for name, want := range map[string]string{"UTF8": encUTF8, "Windows 1252": enc1252, "latin1": "iso-8859-1", "UTF-16": encUTF16LE, "": ""} {
		if got, ok := encodingNamed(name); got != want || !ok {
			t.Errorf("%q is %q, %t", name, got, ok)
		}
	}
	if _, ok := encodingNamed("-"); ok {
		t.Error("- is no encoding")
	}
}
