package source

import (
	"fmt"
	"slices"
	"strings"

	"relink/importer"
)

// A Warning says that ids look wrong in one way, in one column. It never
// rejects anything.
type Warning struct {
	Column      string // the role's usual name, as in firstRecordId
	Association string // whose rows it is about; empty when it is about all
	Kind        WarningKind
	Count       int    // rows
	Line        int    // the first of them
	Value       string // the id in that line
	Message     string // for people
}

// A WarningKind is the machine-readable part of a Warning.
type WarningKind string

// The kinds of warnings.
const (
	WarnShape  WarningKind = "unusual_shape"      // neither 20 letters and digits nor 24 hex digits
	WarnMixed  WarningKind = "mixed_shapes"       // a column holds ids of both kinds
	WarnNumber WarningKind = "spreadsheet_number" // 6.7E+23
	WarnQuote  WarningKind = "spreadsheet_quote"  // a ' or quotes around it
	WarnCase   WarningKind = "one_case"           // all letters of a column are of one case
	WarnSelf   WarningKind = "linked_to_itself"   // both ids are the same
)

const (
	maxGroups = 64 // associations that are told apart
	enough    = 20 // ids that show a column's case
)

// An Inspector looks at the ids of good lines and remembers what is odd about
// them, in memory that does not grow. The zero value is ready.
type Inspector struct {
	location, association column
	groups                map[string]*group
	current               *group
	key                   string
	lastLocation          string
}

// A group is the rows of one association: another may link other objects, so
// its ids may have another shape.
type group struct {
	association   string
	first, second column
	self          count
}

// A column is what was seen in one column.
type column struct {
	shapes       [shapes]count
	both         int // ids of 20 with letters of both cases
	upper, lower count
}

// A count is how often something was seen, and where first.
type count struct {
	n, line int
	value   string
}

func (c *count) add(line int, value string) {
	if c.n == 0 {
		c.line, c.value = line, strings.Clone(value) // not the whole row
	}
	c.n++
}

// Inspect looks at one line; a rejected one does not count.
func (in *Inspector) Inspect(line *importer.Line) {
	if line.Rejected != nil {
		return
	}
	rel := &line.Relation
	if rel.Association != in.key || in.current == nil {
		in.enter(rel.Association)
		in.association.add(line.Number, rel.Association)
	}
	if rel.Location != in.lastLocation {
		in.lastLocation = strings.Clone(rel.Location)
		in.location.add(line.Number, rel.Location)
	}
	in.current.first.add(line.Number, rel.First)
	in.current.second.add(line.Number, rel.Second)
	if rel.First == rel.Second {
		in.current.self.add(line.Number, rel.First)
	}
}

// enter makes an association's group the current one. Those beyond maxGroups
// share one.
func (in *Inspector) enter(association string) {
	in.key = strings.Clone(association)
	if in.groups == nil {
		in.groups = make(map[string]*group)
	}
	if _, known := in.groups[in.key]; !known && len(in.groups) >= maxGroups {
		association = ""
	}
	g := in.groups[association]
	if g == nil {
		g = &group{association: strings.Clone(association)}
		in.groups[g.association] = g
	}
	in.current = g
}

func (c *column) add(line int, id string) {
	s, upper, lower := look(id)
	c.shapes[s].add(line, id)
	switch {
	case s == shapeHex && upper:
		c.upper.add(line, id)
	case s != shapeLetter:
	case upper && lower:
		c.both++
	case upper:
		c.upper.add(line, id)
	case lower:
		c.lower.add(line, id)
	}
}

// Warnings tells what was odd, grouped, in a fixed order. For the columns of
// the location and the association a count is how often the id changed.
func (in *Inspector) Warnings() []Warning {
	out := in.location.warnings(roleNames[roleLocation], "")
	out = append(out, in.association.warnings(roleNames[roleAssociation], "")...)
	var keys []string
	for key := range in.groups {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		g := in.groups[key]
		out = append(out, g.first.warnings(roleNames[roleFirst], g.association)...)
		out = append(out, g.second.warnings(roleNames[roleSecond], g.association)...)
		if g.self.n > 0 {
			out = append(out, g.self.warning(roleNames[roleSecond], g.association, WarnSelf, "a record is linked to itself"))
		}
	}
	return out
}

func (c *column) warnings(name, association string) []Warning {
	var out []Warning
	say := func(n count, kind WarningKind, message string) {
		if n.n > 0 {
			out = append(out, n.warning(name, association, kind, message))
		}
	}
	say(c.shapes[shapeNumber], WarnNumber, "a spreadsheet turned the id into a number and dropped digits: export it again as text")
	say(c.shapes[shapeQuoted], WarnQuote, "a spreadsheet's quote stands in front of the id: --clean takes it off")
	say(c.shapes[shapeOther], WarnShape, "the id has neither 20 letters and digits nor 24 hex digits")
	letter, hex := c.shapes[shapeLetter], c.shapes[shapeHex]
	if letter.n > 0 && hex.n > 0 {
		few, much := letter, shapeHex
		if hex.n < letter.n {
			few, much = hex, shapeLetter
		}
		say(few, WarnMixed, fmt.Sprintf("the other ids of the column have %s: is it a record of another object?", shapeNames[much]))
	}
	switch cased := c.upper.n + c.lower.n; {
	case c.both > 0 || cased < enough:
	case c.lower.n == 0:
		say(c.upper, WarnCase, "all letters of the column are upper case: ids keep their case, was it changed on the way?")
	case c.upper.n == 0:
		say(c.lower, WarnCase, "all letters of the column are lower case: ids keep their case, was it changed on the way?")
	}
	return out
}

func (c count) warning(column, association string, kind WarningKind, message string) Warning {
	return Warning{Column: column, Association: association, Kind: kind, Count: c.n, Line: c.line, Value: c.value, Message: message}
}
