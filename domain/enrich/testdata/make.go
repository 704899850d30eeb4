// Writes the databases of this folder with MaxMind's own writer: `go run . .` in it. The same input gives the same bytes.
package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// The epoch in the metadata.
const built = 1767225600

func text(s string) mmdbtype.String { return mmdbtype.String(s) }

// A country as in GeoLite2-Country: names in several languages, so that equal parts are written once and pointed to.
func country(code, name string, id uint32, european bool) mmdbtype.Map {
	names := mmdbtype.Map{}
	for _, language := range []string{"de", "en", "es", "fr", "ja", "pt-BR", "ru", "zh-CN"} {
		names[text(language)] = text(fmt.Sprintf("%s (%s)", name, language))
	}
	record := mmdbtype.Map{"iso_code": text(code), "geoname_id": mmdbtype.Uint32(id), "names": names}
	if european {
		record["is_in_european_union"] = mmdbtype.Bool(true)
	}
	return record
}

var (
	germany     = country("DE", "Germany", 2921044, true)
	switzerland = country("CH", "Switzerland", 2658434, false)
	japan       = country("JP", "Japan", 1861060, false)
	europe      = mmdbtype.Map{"code": text("EU"), "geoname_id": mmdbtype.Uint32(6255148), "names": mmdbtype.Map{"en": text("Europe"), "de": text("Europa")}}
)

func asn(number uint32, name string) mmdbtype.Map {
	return mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(number), "autonomous_system_organization": text(name)}
}

// With fields of all maps given.
func with(maps ...mmdbtype.Map) mmdbtype.Map {
	all := mmdbtype.Map{}
	for _, m := range maps {
		for key, value := range m {
			all[key] = value
		}
	}
	return all
}

type entry struct {
	prefix string
	record mmdbtype.Map
}

var ipv4 = []entry{
	{"1.0.0.0/24", with(asn(13335, "Example Network"), mmdbtype.Map{"continent": europe, "country": germany, "registered_country": japan})},
	{"1.0.0.128/25", mmdbtype.Map{"registered_country": japan}},
	{"1.0.1.0/24", mmdbtype.Map{"continent": europe}},
	{"1.0.2.0/24", mmdbtype.Map{}},
	{"1.0.3.7/32", with(asn(4294967294, "Largest"), mmdbtype.Map{"country": switzerland})},
	{"128.0.0.0/1", mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint16(64512), "country_code": text("NL")}},
	{"192.0.2.0/24", mmdbtype.Map{"autonomous_system_number": text("64513"), "country": mmdbtype.Map{"geoname_id": mmdbtype.Uint32(1)}}},
	// Every type of the format beside what is looked for.
	{"198.51.100.0/24", with(asn(64514, "Types"), mmdbtype.Map{
		"country": text("FR"), "location": mmdbtype.Map{"latitude": mmdbtype.Float64(48.85), "longitude": mmdbtype.Float64(2.35), "accuracy": mmdbtype.Float32(0.5)},
		"lists": mmdbtype.Slice{mmdbtype.Int32(-7), mmdbtype.Uint64(1 << 60), mmdbtype.Bytes{1, 2, 3}, mmdbtype.Bool(false)},
	})},
}

var ipv6 = []entry{
	{"2001:db8::/32", with(asn(64515, "Six"), mmdbtype.Map{"country": switzerland})},
	{"2001:db8:1::/48", with(asn(4200000000, "Private"), mmdbtype.Map{"country": germany, "continent": europe})},
	{"2a00::/12", mmdbtype.Map{"registered_country": germany}},
	{"2a00:1::1/128", mmdbtype.Map{"country": japan}},
	{"8000::/1", asn(1, "Half")},
}

func write(folder string, recordSize, version int, entries []entry) error {
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		BuildEpoch: built, DatabaseType: "Test-Country-ASN", Description: map[string]string{"en": "made for tests", "de": "für Tests"},
		IPVersion: version, Languages: []string{"de", "en", "ja"}, RecordSize: recordSize, IncludeReservedNetworks: true,
	})
	if err != nil {
		return err
	}
	for _, each := range entries {
		_, network, err := net.ParseCIDR(each.prefix)
		if err != nil {
			return err
		}
		if err := tree.Insert(network, each.record); err != nil {
			return err
		}
	}
	file, err := os.Create(filepath.Join(folder, fmt.Sprintf("ipv%d-%d.mmdb", version, recordSize)))
	if err != nil {
		return err
	}
	if _, err := tree.WriteTo(file); err != nil {
		return err
	}
	return file.Close()
}

func main() {
	for _, recordSize := range []int{24, 28, 32} {
		if err := write(os.Args[1], recordSize, 4, ipv4); err != nil {
			log.Fatal(err)
		}
		if err := write(os.Args[1], recordSize, 6, append(append([]entry{}, ipv4...), ipv6...)); err != nil {
			log.Fatal(err)
		}
	}
}
