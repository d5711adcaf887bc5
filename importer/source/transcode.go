package source

import (
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// invalid stands for what cannot be decoded: a byte that UTF-8 never holds.
const invalid = 0xff

// A step appends to out what it decodes of in, and says how much of in that
// was; the rest comes again with more after it, or last, when there is no more.
type step func(out, in []byte, last bool) ([]byte, int)

// A transcoder reads bytes through a step.
type transcoder struct {
	src  io.Reader
	step step
	err  error
	in   []byte // read and not decoded
	out  []byte // decoded
	done int    // how much of out was handed on
}

func newTranscoder(src io.Reader, s step) *transcoder {
	return &transcoder{src: src, step: s, in: make([]byte, 0, 32<<10)}
}

func (t *transcoder) Read(p []byte) (int, error) {
	for t.done == len(t.out) {
		if t.err != nil && len(t.in) == 0 {
			return 0, t.err
		}
		if t.err == nil {
			n, err := t.src.Read(t.in[len(t.in):cap(t.in)])
			t.in, t.err = t.in[:len(t.in)+n], err
		}
		var used int
		t.out, used = t.step(t.out[:0], t.in, t.err != nil)
		t.in = t.in[:copy(t.in, t.in[used:])]
		t.done = 0
	}
	n := copy(p, t.out[t.done:])
	t.done += n
	return n, nil
}

// charsetDecoder decodes one byte a character.
func charsetDecoder(c *charmap.Charmap) step {
	var table [256][]byte
	for i := range table {
		r := c.DecodeByte(byte(i))
		if r == utf8.RuneError {
			table[i] = []byte{invalid}
		} else {
			table[i] = utf8.AppendRune(nil, r)
		}
	}
	return func(out, in []byte, _ bool) ([]byte, int) {
		for _, b := range in {
			if b < utf8.RuneSelf {
				out = append(out, b)
			} else {
				out = append(out, table[b]...)
			}
		}
		return out, len(in)
	}
}

// utf16Decoder decodes UTF-16 whose units have their low and high byte at the
// given places. Half a surrogate pair and half a unit are invalid.
func utf16Decoder(low, high int) step {
	unit := func(in []byte) rune { return rune(in[low]) | rune(in[high])<<8 }
	return func(out, in []byte, last bool) ([]byte, int) {
		i := 0
		for i+2 <= len(in) {
			r := unit(in[i:])
			if !utf16.IsSurrogate(r) {
				out = utf8.AppendRune(out, r)
				i += 2
				continue
			}
			if i+4 > len(in) && !last {
				return out, i
			}
			if i+4 <= len(in) {
				if pair := utf16.DecodeRune(r, unit(in[i+2:])); pair != utf8.RuneError {
					out = utf8.AppendRune(out, pair)
					i += 4
					continue
				}
			}
			out = append(out, invalid)
			i += 2
		}
		if last && i < len(in) {
			out = append(out, invalid)
			i = len(in)
		}
		return out, i
	}
}
