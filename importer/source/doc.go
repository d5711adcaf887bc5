// Package source reads relations out of CSV files as they come: from Excel,
// old CRMs and SQL dumps. Each data line ends as a pair or as a rejection with
// its reason, so that rows in = pairs + rejections; nothing is dropped
// silently, and one bad line never costs its neighbours.
//
// The way of a byte, one file a station:
//
//	input.go      a file or standard input
//	tally.go      counted and hashed, before anything else touches it
//	compress.go   gzip and zstd, by content
//	encoding.go   to UTF-8; what is no text in the encoding becomes invalid UTF-8
//	lineend.go    CRLF and CR to LF, so a line is what an editor calls a line
//	window.go     the bytes of the record at hand stay, and a long one is stopped
//	encoding/csv  splits records: the only judge of quotes
//	relate.go     cells to ids (id.go), by the columns that header.go found
//	recover.go    what to do with a record that cannot be a relation
//
// Quotes. encoding/csv takes an unclosed quote to reach to the end of the file.
// Here a record with a broken quote costs the line on which it opened: that
// line is rejected, saying how far the quote reached, and reading goes on at
// the very next line. The same holds when a quoted cell turns out to hold whole
// rows of this file, and when it is not closed within 1 MiB.
//
// Trust. Memory is bounded by the 1 MiB a record (and a header) may have,
// whatever the file holds. Lines are numbered as in an editor, from 1, blank
// ones included. The same bytes give the same lines.
package source
