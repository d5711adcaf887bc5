package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/schollz/progressbar/v3"

	"relink/importer"
)

// A Snapshot is how a run stands at one moment.
type Snapshot struct {
	Counts    importer.Counts
	Allowance float64  // share of the allowance that is used, 0 to 1; below 0 unknown
	Waits     []string // what lanes wait for: "held by 429 until 12:03:10", "database away"
}

// A frame draws the foot of the terminal: on a wide one a single line, on a
// narrow one the bar, and what came of the rows beneath it.
type frame struct {
	total int64
	bar   *progressbar.ProgressBar
	meter meter
}

const (
	leastBar = 8
	mostBar  = 40
	// beside is what progressbar puts around a bar: "  12% [" and "]  ".
	beside = 10
)

// newFrame needs a total above 0: progressbar divides by it.
func newFrame(total int64) *frame {
	return &frame{
		total: total,
		// The bar draws to nowhere and is asked for its text: the terminal
		// has one owner, and that is not the bar. It gets no ambiguous
		// characters: block elements take two cells on East Asian terminals.
		bar: progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(io.Discard),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionShowDescriptionAtLineEnd(),
			progressbar.OptionSetTheme(progressbar.Theme{
				Saucer: "=", SaucerHead: ">", SaucerPadding: " ", BarStart: "[", BarEnd: "]",
			}),
		),
	}
}

// lines draws the snapshot for a terminal of width columns. The last column
// stays empty: a full line makes some terminals wrap.
func (f *frame) lines(now Snapshot, width int) []string {
	done := min(max(now.Counts.Done(), 0), f.total)
	f.bar.Set64(done)
	width--
	pace, came := f.pace(done), outcomes(now)
	waits := waiting(now.Waits)

	one := joinWords(pace, came, waits)
	if beside+mostBar/2+cells(one) <= width {
		return []string{f.line(one, width)}
	}
	lines := []string{f.line(pace, width)}
	if both := joinWords(came, waits); cells(both) <= width {
		return append(lines, both)
	}
	lines = append(lines, cut(came, width))
	if waits != "" {
		lines = append(lines, cut(waits, width))
	}
	return lines
}

// line is the bar, as long as there is room, with the text behind it.
func (f *frame) line(text string, width int) string {
	room := width - beside - cells(text)
	if room < leastBar {
		share := float64(f.bar.State().CurrentNum) / float64(f.total)
		return cut(fmt.Sprintf("%4d%%  %s", int(share*100), text), width)
	}
	// An option is a function on the bar; this is the only way to resize it.
	progressbar.OptionSetWidth(min(room, mostBar))(f.bar)
	f.bar.Describe(text)
	return strings.TrimRight(strings.TrimPrefix(f.bar.String(), "\r"), " ")
}

// pace says how far and how fast. Its first number keeps its width, so that the
// line does not jump.
func (f *frame) pace(done int64) string {
	total := Number(f.total)
	text := fmt.Sprintf("%*s/%s  %s", len(total), Number(done), total, Rate(f.meter.rate()))
	if left, ok := f.meter.left(f.total - done); ok && done < f.total {
		text += "  " + Duration(left) + " left"
	}
	return text
}

// outcomes says what came of the rows.
func outcomes(now Snapshot) string {
	c := now.Counts
	text := fmt.Sprintf("%s created, %s existing, %s failed", Number(c.Created), Number(c.Existing), Number(c.Failed))
	if c.Undone > 0 {
		text = fmt.Sprintf("%s undone, %s failed", Number(c.Undone), Number(c.Failed))
	}
	if now.Allowance >= 0 {
		text += ", " + Percent(now.Allowance) + " of allowance"
	}
	return text
}

// waiting says what the lanes wait for; the first stands for all.
func waiting(waits []string) string {
	switch len(waits) {
	case 0:
		return ""
	case 1:
		return ascii(Clean(waits[0]))
	}
	return fmt.Sprintf("%s (and %d more)", ascii(Clean(waits[0])), len(waits)-1)
}

// ascii replaces what is of doubtful width; see the package comment.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r > '~' {
			return '?'
		}
		return r
	}, s)
}

func joinWords(parts ...string) string {
	var filled []string
	for _, p := range parts {
		if p != "" {
			filled = append(filled, p)
		}
	}
	return strings.Join(filled, "  ")
}
