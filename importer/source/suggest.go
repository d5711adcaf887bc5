package source

import "unicode/utf8"

// nearest is the index of the name that differs least from one of the wanted
// ones, if it is near enough to be a slip; -1 if none is. Names that are empty
// do not count.
func nearest(names []string, wanted ...string) int {
	best, at := 3, -1
	for i, name := range names {
		for _, want := range wanted {
			if name == "" || len(name) > 2*len(want)+4 {
				continue
			}
			d := distance(name, want)
			if d < best && 3*d <= utf8.RuneCountInString(want) {
				best, at = d, i
			}
		}
	}
	return at
}

// distance counts the characters to add, drop, change or exchange with their
// neighbour to make b of a.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	var before []int
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(s); i++ {
		next := make([]int, len(t)+1)
		next[0] = i
		for j := 1; j <= len(t); j++ {
			change := row[j-1]
			if s[i-1] != t[j-1] {
				change++
			}
			next[j] = min(change, row[j]+1, next[j-1]+1)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(t)]
}
