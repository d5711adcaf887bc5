package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// foreign are kinds of files that people take for a CSV, by how they begin.
var foreign = []struct{ magic, kind, hint string }{
	{"PK\x03\x04", "an Excel workbook or another zip file", "open it and save the sheet as CSV UTF-8, or unzip it"},
	{"\xd0\xcf\x11\xe0", "an old Excel workbook", "open it and save the sheet as CSV UTF-8"},
	{"%PDF", "a PDF", "export the rows as CSV"},
	{"SQLite format 3\x00", "an SQLite database", "export the table as CSV"},
	{"PAR1", "a Parquet file", "export the rows as CSV"},
	{"BZh", "compressed with bzip2", "expand it, or compress it with gzip or zstd"},
	{"\xfd7zXZ\x00", "compressed with xz", "expand it, or compress it with gzip or zstd"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "expand it, or compress it with gzip or zstd"},
}

// expand takes off gzip or zstd, which it knows by how the content begins and
// not by the file's name. The second result ends what the first one uses.
func expand(src *bufio.Reader) (io.Reader, func(), error) {
	none := func() {}
	head, err := src.Peek(16)
	if err != nil && err != io.EOF {
		return nil, none, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		z, err := gzip.NewReader(src)
		if err != nil {
			return nil, none, damaged("gzip", err)
		}
		return expander{z, "gzip"}, func() { z.Close() }, nil
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")), skippable(head):
		// One goroutine and a bounded window: memory must not grow with
		// what the file asks for.
		z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, none, damaged("zstd", err)
		}
		return expander{z, "zstd"}, z.Close, nil
	}
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return nil, none, &Error{Reason: "is " + f.kind + ", not a CSV", Hint: f.hint}
		}
	}
	return src, none, nil
}

// skippable reports whether a zstd file begins with a skippable frame, as
// those of pzstd do.
func skippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18"
}

// An expander names the compression in its errors.
type expander struct {
	src  io.Reader
	kind string
}

func (e expander) Read(p []byte) (int, error) {
	n, err := e.src.Read(p)
	if err != nil && err != io.EOF {
		err = damaged(e.kind, err)
	}
	return n, err
}

func damaged(kind string, err error) *Error {
	return &Error{
		Reason: fmt.Sprintf("the %s data are damaged or cut short: %s", kind, cause(err)),
		Hint:   "copy or export the file again",
		Err:    err,
	}
}
