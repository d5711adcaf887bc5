package source

import (
	"strconv"
	"strings"
)

// Columns says which columns hold the ids: the index in Header of the location,
// the association, the first and the second record id, in this order; -1 where
// the file has no such column. Swap does not exchange them: they are where the
// cells stand.
func (r *Reader) Columns() []int {
	return append([]int(nil), r.columns[:]...)
}

// Again is the flags of relink import with which a file of failed rows is read
// as the file was that they came from, whose Reading this is. Such a file is
// UTF-8, separated by commas, and has a header, so flags on these are left out.
// What import adds to a Reading is understood too: association-key="…", and
// first-map and second-map with a hash and the names of two columns.
func Again(reading string) []string {
	said := settings(reading)
	var flags []string
	for _, name := range [...]string{"location", "association", "association-key", "first", "second", "location-column", "association-column"} {
		flag := "--" + name
		if name == "first" || name == "second" {
			flag += "-column"
		}
		// Where there was no header, a file of failed rows has the usual one.
		if strings.HasSuffix(flag, "-column") && said["no-header"] == "true" {
			continue
		}
		if said[name] != "" {
			flags = append(flags, flag, said[name])
		}
	}
	// Of a map only the columns are known: which file it is today, is not.
	for _, name := range [...]string{"first-map", "second-map"} {
		if _, columns, mapped := strings.Cut(said[name], ":"); mapped {
			flags = append(flags, "--"+name, "FILE:"+columns)
		}
	}
	for _, name := range [...]string{"swap", "clean"} {
		if said[name] == "true" {
			flags = append(flags, "--"+name)
		}
	}
	return flags
}

// settings takes a Reading apart: after its version, key=value with texts in
// quotes.
func settings(reading string) map[string]string {
	said := map[string]string{}
	_, rest, _ := strings.Cut(reading, " ")
	for {
		key, value, found := strings.Cut(rest, "=")
		if !found {
			return said
		}
		if quoted, err := strconv.QuotedPrefix(value); err == nil {
			said[key], _ = strconv.Unquote(quoted)
			rest = strings.TrimPrefix(value[len(quoted):], " ")
			continue
		}
		said[key], rest, _ = strings.Cut(value, " ")
	}
}
