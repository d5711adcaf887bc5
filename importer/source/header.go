package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"
)

// A role is what a column means. The order is that of every array of roles.
const (
	roleLocation = iota
	roleAssociation
	roleFirst
	roleSecond
	roles
)

// named holds a text for each role, under all names that a header may give it,
// squeezed. The tags are gocsv's.
type named struct {
	Location    string `csv:"locationid"`
	Association string `csv:"associationid"`
	First       string `csv:"firstrecordid,first,firstid"`
	Second      string `csv:"secondrecordid,second,secondid"`
}

var (
	roleNames   = [roles]string{"locationId", "associationId", "firstRecordId", "secondRecordId"}
	roleFlags   = [roles]string{"--location-column", "--association-column", "--first-column", "--second-column"}
	roleAliases = [roles][]string{
		{"locationid"}, {"associationid"},
		{"firstrecordid", "first", "firstid"}, {"secondrecordid", "second", "secondid"},
	}
)

// columns holds, for each role, the index of its column; -1 where it has none.
type columns [roles]int

// asked is what the flags say of each role's column.
func (o Options) asked() [roles]string {
	return [roles]string{
		strings.TrimSpace(o.LocationColumn), strings.TrimSpace(o.AssociationColumn),
		strings.TrimSpace(o.FirstColumn), strings.TrimSpace(o.SecondColumn),
	}
}

// defaults is what stands in for a role without a column.
func (o Options) defaults() [roles]string {
	return [roles]string{o.Location, o.Association}
}

// findColumns says which column of a header has which role.
func findColumns(header []string, o Options) (columns, *Error) {
	var found columns
	squeezed := squeeze(header)
	for role, want := range o.asked() {
		found[role] = -1
		if want == "" {
			continue
		}
		at, err := pick(header, want, role, o.NoHeader)
		if err != nil {
			return found, err
		}
		for other := range role {
			if found[other] == at {
				return found, &Error{
					Column: header[at],
					Reason: fmt.Sprintf("%s and %s both name it", roleFlags[other], roleFlags[role]),
					Hint:   "one column has one role",
				}
			}
		}
		found[role] = at
		squeezed[at] = "" // it is taken, whatever its name
	}
	if !o.NoHeader {
		if err := found.match(header, squeezed, o); err != nil {
			return found, err
		}
	}
	for role, at := range found {
		if at < 0 && o.defaults()[role] == "" {
			return found, missing(header, squeezed, role, o)
		}
	}
	return found, nil
}

// match gives the roles that no flag names to the columns with their names,
// and takes these names out of squeezed.
func (c *columns) match(header, squeezed []string, o Options) *Error {
	first := match(squeezed)
	for role, at := range first {
		if at < 0 || o.asked()[role] != "" {
			continue
		}
		c[role] = at
	}
	rest := slices.Clone(squeezed)
	for _, at := range first {
		if at >= 0 {
			rest[at] = ""
		}
	}
	for role, again := range match(rest) {
		if again >= 0 && o.asked()[role] == "" {
			return &Error{
				Reason: fmt.Sprintf("columns %d (%s) and %d (%s) both claim to be the %s",
					again+1, quoted(header[again]), first[role]+1, quoted(header[first[role]]), roleNames[role]),
				Hint: fmt.Sprintf("say which one: %s %d", roleFlags[role], again+1),
			}
		}
	}
	copy(squeezed, rest)
	return nil
}

// match lets gocsv map a header to the struct, once: it decodes a file of two
// rows, the header and the numbers of its columns, and each field comes back
// holding its column. Of two columns for a field the last one wins.
func match(squeezed []string) columns {
	numbers := make([]string, len(squeezed))
	for i := range numbers {
		numbers[i] = strconv.Itoa(i)
	}
	found := columns{-1, -1, -1, -1}
	var out []named
	if err := gocsv.UnmarshalCSV(rows{squeezed, numbers}, &out); err != nil || len(out) != 1 {
		return found
	}
	for role, number := range [roles]string{out[0].Location, out[0].Association, out[0].First, out[0].Second} {
		if at, err := strconv.Atoi(number); err == nil {
			found[role] = at
		}
	}
	return found
}

// rows is a CSV that is read already.
type rows [][]string

func (r rows) Read() ([]string, error)      { return r[0], nil }
func (r rows) ReadAll() ([][]string, error) { return r, nil }

// rolesIn counts the roles that a header has columns for.
func rolesIn(header []string, o Options) int {
	n := 0
	matched := match(squeeze(header))
	for role, want := range o.asked() {
		if want != "" {
			if _, err := pick(header, want, role, o.NoHeader); err == nil {
				n++
			}
		} else if matched[role] >= 0 {
			n++
		}
	}
	return n
}

// squeeze makes names comparable: case, spaces, - and _ do not count.
func squeeze(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = squeezer.Replace(strings.ToLower(trim(name)))
	}
	return out
}

var squeezer = strings.NewReplacer(" ", "", "-", "", "_", "", "\u00a0", "")
