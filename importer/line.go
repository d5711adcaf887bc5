package importer

// A Line is one data line of a file: a relation, or a rejection.
type Line struct {
	Number   int        // 1-based number of the file's line on which it begins
	Relation Relation   // set unless Rejected
	Rejected *Rejection // why the line names no relation; nil for a good one

	// Raw is the record as it came, in UTF-8 where it could be decoded and
	// without its line end. It is set for a rejected line (cut at 64 KiB) and
	// for a good one that cannot be rebuilt from Relation and the header
	// alone; nil otherwise. It is valid until the next line is read.
	Raw []byte
}

// A Rejection says why a line names no relation.
type Rejection struct {
	Cause   Cause  // one of the reject causes
	Column  string // name of the column at fault, empty when it is the line as a whole
	Message string // for people, with what to do where that is known
}

// The causes of a rejected line.
const (
	RejectEmpty     Cause = "empty_id"      // an id is missing
	RejectFields    Cause = "field_count"   // more or fewer fields than the header
	RejectQuote     Cause = "broken_quote"  // a quote that opens or closes where it may not
	RejectControl   Cause = "bad_character" // a space or control character inside an id, or a NUL
	RejectEncoding  Cause = "bad_encoding"  // bytes that are no text in the file's encoding
	RejectTooLong   Cause = "too_long"      // an id over 512 bytes, or a record over 1 MiB
	RejectUnmapped  Cause = "unmapped"      // a legacy id that the map does not know
	RejectAmbiguous Cause = "ambiguous"     // a legacy id for which the map has two record ids
)
