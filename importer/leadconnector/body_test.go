package leadconnector

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadBody(t *testing.T) {
	tests := []struct {
		name  string
		body  io.Reader
		want  int
		whole bool
	}{
		{"empty", strings.NewReader(""), 0, true},
		{"short", strings.NewReader(strings.Repeat("x", 10)), 10, true},
		{"byte by byte", iotest.OneByteReader(strings.NewReader(strings.Repeat("x", 99))), 99, true},
		{"at the limit", strings.NewReader(strings.Repeat("x", 100)), 100, true},
		{"over the limit", strings.NewReader(strings.Repeat("x", 101)), 100, false},
		{"far over", strings.NewReader(strings.Repeat("x", 10000)), 100, false},
		{"over the limit with the end", iotest.DataErrReader(strings.NewReader(strings.Repeat("x", 101))), 100, false},
		{"cut off", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)), 3, false},
		{"broken", iotest.ErrReader(errors.New("x")), 0, false},
		{"data with the end", iotest.DataErrReader(strings.NewReader("abc")), 3, true},
	}
	for _, tt := range tests {
		got, whole := readBody(tt.body, make([]byte, 0, 8), 100)
		if len(got) != tt.want || whole != tt.whole {
			t.Errorf("%s: got %d bytes, whole %v, want %d, %v", tt.name, len(got), whole, tt.want, tt.whole)
		}
	}
}

func TestReadBodyThrowsAwayNoMoreThanItsBound(t *testing.T) {
	body := strings.NewReader(strings.Repeat("x", 100+2*maxDrain))
	readBody(body, nil, 100)
	if rest := body.Len(); rest < maxDrain-1 || rest > maxDrain {
		t.Errorf("got %d bytes left", rest)
	}
}
