package report

import "unicode"

// wide are the ranges that take two cells of a terminal, near enough.
var wide = [][2]rune{
	{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f},
	{0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
}

// cells is how many cells of a terminal s takes.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += cellsOf(r)
	}
	return n
}

func cellsOf(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	for _, span := range wide {
		if span[0] <= r && r <= span[1] {
			return 2
		}
	}
	return 1
}

// cut shortens s to at most width cells, the last of them dots.
func cut(s string, width int) string {
	if cells(s) <= width {
		return s
	}
	dots := "..."[:min(3, max(width, 0))]
	n := 0
	for i, r := range s {
		if n += cellsOf(r); n > width-len(dots) {
			return s[:i] + dots
		}
	}
	return s
}
