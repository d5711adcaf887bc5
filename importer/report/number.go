package report

import (
	"fmt"
	"strconv"
	"strings"
)

// Number writes n with separators: 118,950.
func Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Count writes n with the word for it: "1 row", "2 rows".
func Count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Percent writes a share, 0 to 1. Only nothing at all is 0%, only the whole is
// 100%.
func Percent(share float64) string {
	switch {
	case share <= 0:
		return "0%"
	case share < 0.01:
		return "<1%"
	case share > 0.99 && share < 1:
		return "99%"
	}
	return fmt.Sprintf("%s%%", Number(int64(share*100+0.5)))
}

// Rate writes so many a second; where that is less than one in two seconds, so
// many a minute or an hour.
func Rate(perSecond float64) string {
	switch {
	case perSecond <= 0:
		return "0/s"
	case perSecond >= 99.95:
		return Number(int64(perSecond+0.5)) + "/s"
	case perSecond >= 0.5:
		return fmt.Sprintf("%.1f/s", perSecond)
	case perSecond*60 >= 1:
		return fmt.Sprintf("%.0f/min", perSecond*60)
	}
	return fmt.Sprintf("%.0f/h", perSecond*3600)
}

// Bytes writes a size: "512 B", "4.7 MB".
func Bytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	size := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB"} {
		size /= 1000
		if size < 9.95 {
			return fmt.Sprintf("%.1f %s", size, unit)
		}
		if size < 999.5 {
			return fmt.Sprintf("%.0f %s", size, unit)
		}
	}
	return Number(int64(size+0.5)) + " TB"
}
