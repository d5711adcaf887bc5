package cli

import (
	"context"
	"io"
	"time"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/report"
	"relink/importer/source"
)

// maxPlaces bounds the locations that are counted apart; those beyond it share
// the last place.
const maxPlaces = 1 << 16

// An inspection goes through files and gathers what it tells.
type inspection struct {
	*checking
	most   int
	pairs  *source.Pairs
	known  *checkpoint.Known // nil without a ledger
	places map[string]int    // by location
	check  report.Check
}

// read goes through one file.
func (in *inspection) read(p *program, l *ledger, file int, name string) error {
	r, err := in.intake.open(p, name)
	if err != nil {
		return err
	}
	defer r.Close()
	var line importer.Line
	var inspector source.Inspector
	out := report.CheckedFile{Name: name}
	for {
		err := r.Next(&line)
		if err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		if out.Rows++; out.Rows%4096 == 0 && p.soft.Err() != nil {
			return &failure{err: context.Cause(p.soft), code: 2, next: "run the same command again: nothing was changed"}
		}
		if line.Rejected != nil {
			out.Rejected++
			if len(in.check.Rejected) < in.most {
				in.check.Rejected = append(in.check.Rejected, report.Rejected{
					File: name, Line: line.Number, Column: line.Rejected.Column, Message: line.Rejected.Message,
				})
			}
			continue
		}
		if in.intake.maps == [2]*idMap{} {
			inspector.Inspect(&line)
		}
		if err := in.pairs.Add(file, in.at(line.Relation.Location), line.Number, &line.Relation); err != nil {
			return err
		}
		if in.known != nil {
			if err := in.known.Add(p.soft, line.Relation); err != nil {
				return err
			}
		}
	}
	out.SHA256, out.Trimmed = r.SHA256(), int64(r.Trimmed())
	if l != nil {
		loaded, err := l.Find(p.soft, out.SHA256, in.intake.reading())
		if err != nil {
			return err
		}
		if loaded != nil {
			out.Import = loaded.ID
		}
	}
	in.check.Files = append(in.check.Files, out)
	for _, w := range inspector.Warnings() {
		in.check.Warnings = append(in.check.Warnings, report.Warning{
			File: name, Column: w.Column, Association: w.Association, Kind: string(w.Kind),
			Rows: int64(w.Count), Line: w.Line, Value: w.Value, Message: w.Message,
		})
	}
	return nil
}

// at is the place by which a location's pairs are counted.
func (in *inspection) at(location string) int {
	place, seen := in.places[location]
	if !seen {
		place = min(len(in.places), maxPlaces-1)
		if place < maxPlaces-1 {
			in.places[string([]byte(location))] = place // not the whole line
		}
	}
	return place
}

// count finds twins, and what is left to be sent.
func (in *inspection) count(ctx context.Context, l *ledger) error {
	found, err := in.pairs.Find(len(in.check.Files), maxPlaces)
	if err != nil {
		return err
	}
	twins := func(from []source.Twin) (to []report.Twin) {
		for _, t := range from {
			to = append(to, report.Twin{
				File: in.check.Files[t.File].Name, Line: t.Line,
				EarlierFile: in.check.Files[t.EarlierFile].Name, Earlier: t.Earlier,
			})
		}
		return to
	}
	in.check.Repeats, in.check.Reverses, in.check.Reversed = twins(found.Repeats), twins(found.Reverses), found.Reversed
	for i, repeated := range found.Repeated {
		in.check.Files[i].Repeated = repeated
	}
	done, err := in.ask(ctx, l)
	if err != nil {
		return err
	}
	var store *checkpoint.Store
	if l != nil {
		store = l.Store
	}
	outlook, err := in.outlook(ctx, store)
	if err != nil {
		return err
	}
	for location, place := range in.places {
		if requests := found.Distinct[place] - done[location]; requests > 0 {
			in.check.Locations = append(in.check.Locations, outlook.forecast(location, requests, time.Now()))
		}
	}
	return nil
}

// ask is what the ledger says of the pairs: how many need not be sent, by
// location.
func (in *inspection) ask(ctx context.Context, l *ledger) (map[string]int64, error) {
	done := map[string]int64{}
	in.check.Ledger = l != nil
	if in.known == nil {
		return done, nil
	}
	shares, err := in.known.Shares(ctx)
	if err != nil {
		return nil, err
	}
	// A file that is loaded leaves failed pairs to retry; a new one asks for them.
	loaded := true
	for _, f := range in.check.Files {
		loaded = loaded && f.Import > 0
	}
	var known checkpoint.Import
	in.check.Known = known.Books(shares)
	for _, share := range shares {
		switch share.State {
		case importer.Created, importer.Existing:
			done[share.Location] += share.Pairs
		case importer.Failed, importer.Undone:
			if loaded {
				done[share.Location] += share.Pairs
			}
		}
	}
	return done, nil
}
