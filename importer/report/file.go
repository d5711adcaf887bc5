package report

import (
	"fmt"

	"relink/importer"
)

// A File is one import and its books.
type File struct {
	Import int64  // its number in the ledger
	Name   string // as it was given, "-" for standard input
	SHA256 string
	Books  importer.Books
}

// sum adds up the books of all files.
func sum(files []File) importer.Books {
	var books importer.Books
	for _, f := range files {
		books = books.Add(f.Books)
	}
	return books
}

// command is what to type for those files of which want is true; one import is
// named by its number. It is empty when there is none.
func command(verb string, files []File, want func(importer.Books) bool) string {
	var chosen []File
	for _, f := range files {
		if want(f.Books) {
			chosen = append(chosen, f)
		}
	}
	switch {
	case len(chosen) == 0:
		return ""
	case len(chosen) == 1 && chosen[0].Import > 0:
		return fmt.Sprintf("relink %s --import %d", verb, chosen[0].Import)
	}
	return "relink " + verb
}
