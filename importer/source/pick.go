package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// pick finds the column that a flag names: by its exact name, by its number, or
// by its name in any case, without spaces, - and _.
func pick(header []string, want string, role int, noHeader bool) (int, *Error) {
	flag := roleFlags[role]
	number, isNumber := strconv.Atoi(want)
	switch {
	case isNumber == nil && (noHeader || !slices.Contains(header, want)):
		if number < 1 || number > len(header) {
			return 0, &Error{Reason: fmt.Sprintf("%s %d: there are %d columns, counted from 1", flag, number, len(header))}
		}
		return number - 1, nil
	case noHeader:
		return 0, &Error{
			Reason: fmt.Sprintf("%s %s is a name, but with --no-header there are none", flag, quoted(want)),
			Hint:   fmt.Sprintf("give the column's number, counted from 1: %s %d", flag, role+1),
		}
	}
	all := indexes(header, want)
	if len(all) == 0 {
		all = indexes(squeeze(header), squeeze([]string{want})[0])
	}
	switch len(all) {
	case 1:
		return all[0], nil
	case 0:
		hint := "name one of them, or give its number"
		if at := nearest(squeeze(header), squeeze([]string{want})[0]); at >= 0 {
			hint = fmt.Sprintf("did you mean %s?", quoted(header[at]))
		}
		return 0, &Error{Reason: fmt.Sprintf("no column is called %s, as %s says; the header is %s", quoted(want), flag, list(header)), Hint: hint}
	}
	return 0, &Error{
		Reason: fmt.Sprintf("columns %d and %d are both called %s, which %s names", all[0]+1, all[1]+1, quoted(want), flag),
		Hint:   fmt.Sprintf("give the number: %s %d", flag, all[0]+1),
	}
}

func indexes(names []string, want string) []int {
	var all []int
	for i, name := range names {
		if trim(name) == want {
			all = append(all, i)
		}
	}
	return all
}

// missing is the error for a role that no column has.
func missing(header, squeezed []string, role int, o Options) *Error {
	e := &Error{
		Reason: fmt.Sprintf("no column holds the %s; the header is %s", roleNames[role], list(header)),
		Hint:   fmt.Sprintf("name the column: %s NAME", roleFlags[role]),
	}
	if o.NoHeader {
		e.Reason = fmt.Sprintf("with --no-header nothing says which column holds the %s; the first line is %s", roleNames[role], list(header))
		e.Hint = fmt.Sprintf("give its number, counted from 1: %s %d", roleFlags[role], role+1)
	} else if at := nearest(squeezed, roleAliases[role]...); at >= 0 {
		e.Hint = fmt.Sprintf("did you mean %s? then say %s %s", quoted(header[at]), roleFlags[role], quoted(header[at]))
	}
	switch role {
	case roleLocation:
		e.Hint += ", or give one id for all rows: --location ID"
	case roleAssociation:
		e.Hint += ", or give one id for all rows: --association ID"
	default:
		if !o.NoHeader && match(squeeze(header)) == (columns{-1, -1, -1, -1}) {
			e.Hint += "; if the first line is a row already: --no-header with column numbers"
		}
	}
	return e
}

// list shows a header in a message.
func list(header []string) string {
	const most = 20
	shown := make([]string, 0, most)
	for _, name := range header[:min(len(header), most)] {
		shown = append(shown, quoted(name))
	}
	s := strings.Join(shown, ", ")
	if len(header) > most {
		s += fmt.Sprintf(" and %d more", len(header)-most)
	}
	return s
}
