package cli

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"relink/importer"
	"relink/importer/leadconnector"
)

// advice is what an error says to do about it. Of several the last one counts: it
// is of the attempt to mend what the first one was about.
func advice(err error) string {
	if err == nil {
		return ""
	}
	told := ""
	if f, ok := err.(*failure); ok {
		told = f.next
	}
	if a, ok := err.(interface{ Advice() string }); ok {
		told = a.Advice()
	}
	var within []error
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		within = e.Unwrap()
	case interface{ Unwrap() error }:
		within = []error{e.Unwrap()}
	}
	for _, err := range within {
		if more := advice(err); more != "" {
			told = more
		}
	}
	return told
}

// message is what made a lane stop and what to do about it.
func message(end importer.End) string {
	if end.Stop == importer.StopAlike {
		return end.Detail + swapped(end.Err)
	}
	more := advice(end.Err)
	if more == "" {
		return end.Detail
	}
	first, size := utf8.DecodeRuneInString(more)
	return strings.TrimRight(end.Detail, ". ") + ". " + string(unicode.ToUpper(first)) + more[size:]
}

// swapped is what is likely wrong when every row of a lane failed with err.
func swapped(err error) string {
	var refused *leadconnector.Error
	if errors.As(err, &refused) && refused.Cause == importer.CauseInvalidRecord {
		return ": are the columns swapped? Name them with --first-column and --second-column"
	}
	return ""
}

// ended logs that a lane stopped for what a person has to look at: the others may
// go on for hours before the summary tells.
func (r *run) ended(end importer.End) {
	switch end.Stop {
	case importer.StopCredentials, importer.StopOutage, importer.StopDatabase, importer.StopAlike, importer.StopBroken:
		r.screen.Log().Warn("location stopped", "location", end.Location, "why", string(end.Stop), "message", message(end))
	}
}
