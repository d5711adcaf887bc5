package report

import "strings"

// A Column of a Table. One that holds numbers is aligned to the right.
type Column struct {
	Name  string
	Right bool
	Fixed bool // never shortened: ids and commands, which people copy
}

// A Table is rows of short texts, aligned. Its cells are cleaned, since most
// hold what came from outside.
type Table struct {
	Columns []Column
	rows    [][]string
}

// Add appends a row; cells that are missing stay empty.
func (t *Table) Add(row ...string) {
	cleaned := make([]string, len(t.Columns))
	for i := range min(len(row), len(cleaned)) {
		cleaned[i] = Clean(row[i])
	}
	t.rows = append(t.rows, cleaned)
}

// Text writes the table, each line with an end. Within width it shortens what
// is neither a number nor Fixed, the longest first; 0 means no bound. A table
// in which no column has a name has no heading.
func (t *Table) Text(width int) string {
	heading := make([]string, len(t.Columns))
	named := false
	for i, c := range t.Columns {
		heading[i] = c.Name
		named = named || c.Name != ""
	}
	lines := t.rows
	if named {
		lines = append([][]string{heading}, lines...)
	}
	widths := t.widths(lines, width)
	var b strings.Builder
	for _, line := range lines {
		t.line(&b, line, widths)
	}
	return b.String()
}

const gap = "  "

// shortest is how far a column is shortened at most.
const shortest = 8

func (t *Table) widths(lines [][]string, bound int) []int {
	widths := make([]int, len(t.Columns))
	total := len(gap) * (len(widths) - 1)
	for i := range widths {
		for _, line := range lines {
			widths[i] = max(widths[i], cells(line[i]))
		}
		total += widths[i]
	}
	for ; bound > 0 && total > bound; total-- {
		longest := -1
		for i, c := range t.Columns {
			if !c.Right && !c.Fixed && widths[i] > shortest && (longest < 0 || widths[i] > widths[longest]) {
				longest = i
			}
		}
		if longest < 0 {
			break
		}
		widths[longest]--
	}
	return widths
}

func (t *Table) line(b *strings.Builder, line []string, widths []int) {
	var text strings.Builder
	for i, cell := range line {
		if i > 0 {
			text.WriteString(gap)
		}
		cell = cut(cell, widths[i])
		pad := strings.Repeat(" ", widths[i]-cells(cell))
		if t.Columns[i].Right {
			cell = pad + cell
		} else {
			cell += pad
		}
		text.WriteString(cell)
	}
	b.WriteString(strings.TrimRight(text.String(), " "))
	b.WriteByte('\n')
}

// wrap breaks a sentence at spaces into lines of at most width cells, those
// after the first indented; 0 means no bound. Every line has an end.
func wrap(text string, width int) string {
	if width <= 0 || cells(text) <= width {
		return text + "\n"
	}
	var b strings.Builder
	column := 0
	for word := range strings.FieldsSeq(text) {
		n := cells(word)
		if column > 0 && column+1+n > width {
			b.WriteString("\n" + gap)
			column = len(gap)
		} else if column > 0 {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String() + "\n"
}

// indent moves every line of text to the right.
func indent(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(by)
		b.WriteString(line)
	}
	return b.String()
}
