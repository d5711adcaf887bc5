package cli

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"relink/importer/source"
)

// reading is how files are to be read.
type reading struct {
	options   source.Options
	delimiter string
	key       string // of the association
	maps      [2]string
	flagSet   *pflag.FlagSet
}

func (r *reading) flags(flags *pflag.FlagSet) {
	o := &r.options
	r.flagSet = flags
	flags.StringVar(&o.Location, "location", "", "location id, where the file has no such column")
	env(flags, "location", "RELINK_LOCATION")
	flags.StringVar(&o.Association, "association", "", "association id, where the file has no such column")
	env(flags, "association", "RELINK_ASSOCIATION")
	flags.StringVar(&r.key, "association-key", "", "the same by its key, which is looked up in each location")
	flags.StringVar(&o.FirstColumn, "first-column", "", "column of the first record id: its name or number")
	flags.StringVar(&o.SecondColumn, "second-column", "", "column of the second record id: its name or number")
	flags.StringVar(&o.LocationColumn, "location-column", "", "column of the location id: its name or number")
	flags.StringVar(&o.AssociationColumn, "association-column", "", "column of the association id: its name or number")
	flags.BoolVar(&o.NoHeader, "no-header", false, "the first line is a row; name columns by number")
	flags.BoolVar(&o.Swap, "swap", false, "exchange the first and the second id")
	flags.StringVar(&r.maps[0], "first-map", "", "CSV that tells the record of each legacy id in the file: FILE or FILE:legacyColumn:recordColumn")
	flags.StringVar(&r.maps[1], "second-map", "", "the same for the second ids")
	flags.BoolVar(&o.Clean, "clean", false, "take off the leading ' and the quotes that spreadsheets leave around ids")
	flags.StringVar(&r.delimiter, "delimiter", "", `what separates fields: , ; | or \t (default: found by looking)`)
	flags.StringVar(&o.Encoding, "encoding", "", "utf-8, utf-16le, utf-16be, windows-1252 or latin-1 (default: found by looking)")
}

// intake returns how the files are read and translated, once the flags are set.
func (r *reading) intake() (*intake, error) {
	o, err := r.parse()
	if err != nil {
		return nil, err
	}
	in := &intake{Options: o, key: r.key != ""}
	for i, flag := range [...]string{"--first-map", "--second-map"} {
		if in.maps[i], err = newIDMap(flag, r.maps[i], o.Clean); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// parse returns the options, once the flags are set.
func (r *reading) parse() (source.Options, error) {
	o := r.options
	if r.key != "" {
		// A flag wins over an environment variable.
		given := r.flagSet.Lookup("association")
		if given.Changed && len(given.Annotations[fromKey]) == 0 {
			return o, usage(errors.New("--association and --association-key exclude each other"), "give one of them")
		}
		o.Association = r.key
	}
	switch r.delimiter {
	case "":
	case `\t`, "tab":
		o.Delimiter = '\t'
	default:
		c, size := utf8.DecodeRuneInString(r.delimiter)
		if size != len(r.delimiter) || c == utf8.RuneError {
			return o, usage(fmt.Errorf("--delimiter %q is not one character", r.delimiter), `give one of , ; | or \t`)
		}
		o.Delimiter = c
	}
	return o, nil
}
