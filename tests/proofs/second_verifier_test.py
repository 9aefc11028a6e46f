#!/usr/bin/env python3
"""The second verifier on the certificates of version 1 and on Wycheproof's signatures: what is honest is proved, and nothing that was changed is."""

import base64
import contextlib
import functools
import hashlib
import io
import json
import pathlib
import re
import struct
import tempfile
import unittest
import unittest.mock

import verify_certificate as verifier

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
CERTIFICATES = sorted((DATA / "certificates").glob("version-1-*.html"))
KEYS = (DATA / "certificates" / "version-1.keys").read_bytes()
NOW_S = 1_767_600_000 + 86_400  # a day after they were issued

# The same signatures are checked thousands of times below.
verifier.ed25519_verifies = functools.lru_cache(maxsize=None)(verifier.ed25519_verifies)


def why_refused(page, keys=KEYS, now_s=NOW_S, age_max_s=None, known=None):
    """None where it is proved."""
    try:
        verifier.verify(page, verifier.Trust(keys), now_s, age_max_s, known)
    except verifier.Refused as refused:
        return str(refused)
    return None


def page_around(part):
    encoded = base64.b64encode(part)
    lines = [encoded[at : at + 76] for at in range(0, len(encoded), 76)]
    return b"\n".join([b"<html>", verifier.BEGIN, *lines, verifier.END, b"</html>", b""])


def with_digest(part):
    return part[:-32] + hashlib.sha256(part[:-32]).digest()


def flipped(data, at, mask=1):
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


def machine_part(name):
    return verifier.find_machine_part((DATA / "certificates" / f"version-1-{name}.html").read_bytes())


class SecondVerifierTest(unittest.TestCase):
    def test_certificates_of_version_1_verify(self):
        self.assertGreaterEqual(len(CERTIFICATES), 3)
        for path in CERTIFICATES:
            with self.subTest(path.name):
                page = path.read_bytes()
                self.assertIsNone(why_refused(page))
                self.assertIsNone(why_refused(page_around(verifier.find_machine_part(page))))

    def test_says_what_is_proved(self):
        said = verifier.verify((DATA / "certificates" / "version-1-pledge.html").read_bytes(), verifier.Trust(KEYS), NOW_S)
        for line in ("OK: certificates/12, of a pledge", "lots/7: 12000000 g/a of jilin-discharge-rights/SO2/220100/POWER", "  10000000 g/a pledge, pledges/12 to participants/91220101BANK000013, ACTIVE"):
            self.assertIn(line, said)

    def test_no_byte_of_the_machine_part_can_be_changed(self):
        for path in CERTIFICATES:
            page = path.read_bytes()
            begin, end = page.index(verifier.BEGIN), page.index(verifier.END) + len(verifier.END)
            for at in range(begin, end + 1):  # with the newline after it
                for mask in (0x01, 0x20, 0x80):
                    self.assertIsNotNone(why_refused(flipped(page, at, mask)), f"{path.name}, byte {at} ^ {mask}")

    def test_no_byte_can_be_changed_by_one_who_knows_how_to_make_a_digest(self):
        for path in CERTIFICATES:
            part = verifier.find_machine_part(path.read_bytes())
            for at in range(len(part) - 32):
                self.assertIsNotNone(why_refused(page_around(with_digest(flipped(part, at)))), f"{path.name}, byte {at} of the machine part")

    def test_what_is_cut_or_stands_twice_is_refused(self):
        part = machine_part("pledge")
        page = page_around(part)
        for size in range(0, len(part), 7):
            self.assertIsNotNone(why_refused(page_around(part[:size])))
            if size >= 32:
                self.assertIsNotNone(why_refused(page_around(with_digest(part[:size]))))
        self.assertIn("too many", why_refused(page_around(with_digest(part[:-32] + b"\0" + part[-32:]))))
        self.assertIn("not one machine part", why_refused(page + page))
        self.assertIn("not one machine part", why_refused(page.replace(b"\n", b"\r\n")))
        self.assertIn("not one machine part", why_refused(b""))

    def test_a_changed_fact_is_refused(self):
        part = machine_part("pledge")
        self.assertEqual(part.count(b"CNY 1,000,000.00"), 1)
        changed = with_digest(part.replace(b"CNY 1,000,000.00", b"CNY 9,000,000.00"))
        self.assertIn("not those that were certified", why_refused(page_around(changed)))

    def test_a_registry_that_signs_what_it_must_not_is_refused(self):
        def event(type_, payload):
            return struct.pack("<HI", type_, len(payload)) + payload

        certified = struct.pack("<BQ", 2, 12) + verifier.Certificate(machine_part("pledge")).facts_digest

        def events(*laid):
            def change(certificate):
                certificate.issue_events = b"".join(laid)
                certificate.issue.outcome = hashlib.sha256(bytes(8) + certificate.issue_events).digest()

            return change

        def put(path, value):
            def change(certificate):
                *names, last = path.split(".")
                setattr(functools.reduce(getattr, names, certificate), last, value)

            return change

        def overdrawn(certificate):
            certificate.lots[0].quantity = sum(encumbrance.quantity for encumbrance in certificate.lots[0].encumbrances) - 1

        for change, why in (
            (lambda certificate: None, None),
            (put("issue.method", verifier.MAP_METHOD), "the issuing record is of the method"),
            (put("issue.status", 1), "the issuing command was refused"),
            (put("issue.reason", b"REASON"), "the issuing command was refused"),
            (put("issue.outcome", bytes(32)), "the events are not those"),
            (events(event(66, certified)), None),
            (events(event(1, b"other"), event(66, certified)), None),
            (events(), "0 certificates were issued"),
            (events(event(66, certified), event(66, certified)), "2 certificates were issued"),
            (events(event(66, certified)[:-1]), "cut short"),
            (events(event(66, certified + b"0")), "too many"),
            (events(event(66, b"\x01" + certified[1:])), "not those that were certified"),
            (put("number", 13), "not those that were certified"),
            (put("map_record.method", verifier.ISSUE_METHOD), "the map record is of the method"),
            (put("map_record.status", 1), "the map record was refused"),
            (put("map_record.reason", b"REASON"), "the map record was refused"),
            (put("map_record.request", b"\x02" + bytes(40)), "version that is not known"),
            (put("map_record.request", b"\x01" + bytes(39)), "cut short"),
            (put("map_record.request", b"\x01" + bytes(41)), "too many"),
            (put("map_record.index", 3), "the map is older"),
            (put("map_record.first_sequence", 4), "the map is older"),
            (put("issue.last_sequence", 7), "the map is older"),
            (overdrawn, "more lies on lots/7 than it has"),
        ):
            certificate = verifier.Certificate(machine_part("pledge"))
            change(certificate)
            check = verifier.Check(certificate, verifier.Trust(KEYS), NOW_S, None, None)
            # As if all of it were in the log and in the map.
            with unittest.mock.patch.object(verifier.Record, "is_in", lambda *_: True), unittest.mock.patch.object(verifier.Lot, "is_in", lambda *_: True):
                if why is None:
                    check.run()
                else:
                    self.assertRaisesRegex(verifier.Refused, why, check.run)

    def test_certificates_have_one_form(self):
        def refused(part, why):
            self.assertRaisesRegex(verifier.Refused, why, verifier.Certificate, with_digest(part))

        receipt, pledge, holding = machine_part("receipt"), machine_part("pledge"), machine_part("holding")
        refused(b"s" + receipt, "is no certificate")
        refused(receipt[:19] + struct.pack("<I", 2) + receipt[23:], "of version 2")
        refused(receipt[:23] + b"\x06" + receipt[24:], "unknown kind 6")
        refused(receipt[:23] + b"\x01" + receipt[24:], "has no lots")
        refused(pledge[:23] + b"\x03" + pledge[24:], "of this kind has no lots")
        refused(receipt[:24] + bytes(8) + receipt[32:], "number 0")

        def with_facts(facts):
            honest = verifier.Certificate(receipt).facts
            return receipt[:32] + encoded_facts(facts) + receipt[32 + len(encoded_facts(honest)) :]

        self.assertEqual(len(verifier.Certificate(with_digest(with_facts([(b"lot", b"x" * 2000)] * 1000))).facts), 1000)
        refused(with_facts([]), "has no facts")
        refused(with_facts([(b"lot", b"")] * 1001), "1001 facts, more than 1000")
        refused(with_facts([(b"lot", b"x" * 2001)]), "2001 bytes, more than 2000")
        refused(with_facts([(b"x" * 65, b"")]), "65 bytes, more than 64")
        refused(with_facts([(b"holder", b"a"), (b"holder", b"b")]), "the fact holder stands twice")
        for name in (b"", b"Holder", b"the holder", b"holder\n", "持有人".encode()):
            refused(with_facts([(name, b"")]), "is no name of a fact")

        first, second = (holding.index(lot.statement) for lot in verifier.Certificate(holding).lots)
        end = holding.index(b"songhua/3f2166d0a8c14f1e\n10\n") - 4
        lots = (holding[first:second], holding[second:end])
        for chosen, why in (((lots[1], lots[0]), "do not go by number"), ((lots[0], lots[0]), "one stands twice"), ((), "has no lots")):
            refused(holding[: first - 4] + struct.pack("<I", len(chosen)) + b"".join(chosen) + holding[end:], why)
        with unittest.mock.patch.object(verifier, "CERTIFICATE_BYTES_MAX", len(receipt) - 1):
            refused(receipt, "more than 4 MiB")

    def test_records_have_one_form(self):
        honest = verifier.Certificate(machine_part("receipt")).issue.bytes

        def decode(data, sealed=True):
            data = data[:-4] + struct.pack("<I", verifier.crc32c(data[:-4])) if sealed else data
            record = verifier.Record(verifier.Reader(struct.pack("<I", len(data)) + data + bytes(32 + 8 + 4), "a record"), "issue", 1 << 20)
            record.decode()
            return record

        self.assertEqual(decode(honest).last_sequence, 4)
        self.assertEqual(decode(honest[:2] + struct.pack("<QI", 2**64 - 2, 2) + honest[14:]).last_sequence, 2**64 - 1)
        for data, why in (
            (flipped(honest, 0), "is none"),
            (flipped(honest, 1, 3), "version that is not known"),
            (honest[:2] + struct.pack("<QI", 0, 1) + honest[14:], "sequences that cannot be"),
            (honest[:2] + struct.pack("<QI", 4, 0) + honest[14:], "sequences that cannot be"),
            (honest[:2] + struct.pack("<QI", 2**64 - 2, 3) + honest[14:], "sequences that cannot be"),
            (honest + b"0", "checksum|too many"),
            (honest[:-5], "cut short"),
        ):
            self.assertRaisesRegex(verifier.Refused, why, decode, data)
        self.assertRaisesRegex(verifier.Refused, "wrong checksum", decode, flipped(honest, len(honest) - 1), False)
        self.assertRaisesRegex(verifier.Refused, "too many", decode, honest + b"0", False)

    def test_pages_hold_the_machine_part_in_one_way(self):
        page = page_around(machine_part("receipt"))
        begin, end = page.index(verifier.BEGIN), page.index(verifier.END)
        lines = page[begin + len(verifier.BEGIN) + 1 : end]
        verifier.find_machine_part(page[begin : end + len(verifier.END)] + b"\n")
        for bad, why in (
            (page[:end] + verifier.END, "ends in the machine part's last line"),
            (page.replace(lines, lines.replace(b"\n", b"") + b"\n"), "not in lines of 76"),
            (page.replace(lines, lines[:77] + b"\n" + lines[77:]), "not in lines of 76"),
            (page.replace(lines, lines + b"\n"), "not in lines of 76"),
            (page.replace(lines, b""), "not in lines of 76"),
            (page.replace(verifier.BEGIN, verifier.BEGIN + b" "), "not one machine part"),
            (page.replace(lines, lines[:5] + b" " + lines[6:]), "not base64"),
        ):
            self.assertRaisesRegex(verifier.Refused, why, verifier.find_machine_part, bad)
        with unittest.mock.patch.object(verifier, "PAGE_BYTES_MAX", len(page) - 1):
            self.assertRaisesRegex(verifier.Refused, "more than 64 MiB", verifier.find_machine_part, page)

    def test_statements_and_openings_have_one_form(self):
        def opening(fields):
            return (b"salt".ljust(32), fields)

        title = opening(struct.pack("<BQ", 1, 7) + bytes(4 * 8) + struct.pack("<i?", 0, True))
        pledge = opening(struct.pack("<BQ", 1, 7) + bytes(4 * 4) + bytes(16) + bytes(4 * 2))
        freeze = opening(struct.pack("<BQ", 1, 7) + bytes(4 * 5))

        def commitment(opened):
            return hashlib.sha256(b"".join(opened)).digest()

        def lot(entries=(), openings=(title,), quantity=10, title_commitment=None, version=1):
            entries = [struct.pack("<Bq", kind, count) + detail for kind, count, detail in entries]
            openings = [salt + struct.pack("<I", len(data)) + data for salt, data in openings]
            data = struct.pack("<BQq", version, 7, quantity) + (title_commitment or commitment(title)) + struct.pack("<I", len(entries)) + b"".join(entries)
            reader = verifier.Reader(data + bytes(32) + bytes(4) + struct.pack("<I", len(openings)) + b"".join(openings), "a lot")
            read = verifier.Lot(reader)
            reader.done()
            return read

        none, one, two, frozen = verifier.NO_DIGEST, commitment(pledge), bytes([2] * 32), commitment(freeze)
        self.assertEqual(lot().encumbrances, [])
        read = lot([(0, 1, none), (4, 2, one), (4, 2, two), (100, 3, frozen)], (title, pledge, freeze))
        self.assertEqual([encumbrance.opened is not None for encumbrance in read.encumbrances], [False, True, False, True])
        for arguments, why in (
            ({"version": 2}, "version"),
            ({"quantity": -1}, "below 0"),
            ({"title_commitment": none}, "zero bytes"),
            ({"title_commitment": two}, "title of lots/7 is not opened"),
            ({"openings": ()}, "title of lots/7 is not opened"),
            ({"entries": [(10, 1, none)]}, "unknown kind 10"),
            ({"entries": [(0, 0, none)]}, "of nothing"),
            ({"entries": [(1, 1, none), (0, 1, none)]}, "go by kind"),
            ({"entries": [(1, 1, none), (1, 1, none)]}, "two sums"),
            ({"entries": [(1, 1, one)]}, "a detail where there is none"),
            ({"entries": [(4, 1, none)]}, "zero bytes"),
            ({"entries": [(4, 1, one), (4, 1, one)]}, "twice"),
            ({"entries": [(4, 1, commitment(title))]}, "twice"),
            ({"entries": [(4, 1, one), (100, 1, frozen)], "openings": (title, freeze, pledge)}, "belongs to no commitment"),
            ({"entries": [(4, 1, one)], "openings": (title, pledge, pledge)}, "belongs to no commitment"),
            ({"entries": [(4, 1, frozen)], "openings": (title, freeze)}, "cut short"),
            ({"entries": [(100, 1, one)], "openings": (title, pledge)}, "too many"),
        ):
            with self.assertRaisesRegex(verifier.Refused, why):
                lot(**arguments)
        for bad, why in ((b"\x02" + title[1][1:], "version"), (flipped(title[1], 1), "another lot"), (title[1][:-1] + b"\x02", "a bool"), (title[1] + b"0", "too many"), (title[1][:-1], "cut short")):
            with self.assertRaisesRegex(verifier.Refused, why):
                lot(openings=(opening(bad),), title_commitment=commitment(opening(bad)))

    def test_notes_and_checkpoints_have_one_form(self):
        root = b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
        text = b"example.com/behind-the-sofa\n20852163\n" + root + b"\n"
        line = "— example.com/behind-the-sofa ".encode() + base64.b64encode(bytes(68)) + b"\n"
        read = verifier.Checkpoint(text + b"an extension\n\n" + line)
        self.assertEqual((read.origin, read.size, read.text), (b"example.com/behind-the-sofa", 20852163, text + b"an extension\n"))
        self.assertEqual(len(verifier.Checkpoint(text + b"\n" + b"".join(line.replace(b"sofa", b"sofa%d" % i) for i in range(100))).signatures), 100)
        for note, why in (
            (text, "no signed note"),
            (text + b"\n", "no signed note"),
            (text + line, "no signed note"),
            ((text + b"\n" + line)[:-1], "no signed note"),
            (text + b"\n" + line + b"\n", "no signed note"),
            (text + b"\n" + line + line, "stands twice"),
            (text + b"\n" + b"".join(line.replace(b"sofa", b"sofa%d" % i) for i in range(101)), "more than 100 signatures"),
            (text + bytes([0x61]) * 65536 + b"\n\n" + line, "more than 64 KiB"),
            (b"\xff" + text + b"\n" + line, "not UTF-8"),
            (b"\x7f" + text + b"\n" + line, "control characters"),
            (text.replace(b"\n", b"\r\n") + b"\n" + line, "control characters"),
            (text + b"\n" + line.replace(b"sofa ", b"sofa  "), "is no signature"),
            (text + b"\n" + line.replace(b"behind-", b"behind+"), "is no signature"),
            (text + b"\n" + line.replace(b"behind-", "behind\u3000".encode()), "is no signature"),
            (text + b"\n" + line[3:], "is no signature"),
            (text + b"\n" + line.replace(b"A=", b"B="), "not canonical base64"),
            (text + b"\n" + line.replace(b"A=", b"A"), "not base64"),
            (text + b"\n" + line.replace(b"A=", b"_="), "not base64"),
            (text + "\n— name AAAAAA==\n".encode(), "is empty"),
            (b"\n" + text + b"\n" + line, "missing or empty"),
            (text + b"\nx\n\n" + line, "missing or empty"),
            (text.replace(root + b"\n", b"") + b"\n" + line, "missing or empty"),
            (text.replace(b"2085", b"02085") + b"\n" + line, "size is no number"),
            (text.replace(b"20852163", b"9223372036854775808") + b"\n" + line, "size is no number"),
            (text.replace(b"20852163", b"+1") + b"\n" + line, "size is no number"),
            (text.replace(root, root[4:]) + b"\n" + line, "not 32 bytes"),
        ):
            with self.assertRaisesRegex(verifier.Refused, why, msg=note[:200]):
                verifier.Checkpoint(note)

    def test_keys_have_one_form(self):
        good = b"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
        self.assertEqual(verifier.Key(good).id.hex(), "530d903a")
        for key in (b"", b"+".join(good.split(b"+")[:2]), good[15:], good.replace(b"com/", b"com "), good.replace(b"com/", "com\u00a0".encode()), good.replace(b"com/", b"com\xff"), good.replace(b"530d", b"530D"),
                    good.replace(b"903a", b"903b"), good.replace(b"foo", b"fop"), good + b"=", good[:-4], good + b"AAAA", encoded_key(b"name", 2, bytes(32)), encoded_key(b"name", 1, bytes(31))):
            with self.assertRaises(verifier.Refused, msg=key):
                verifier.Key(key)

    def test_facts_of_several_lots_stand_once_or_for_each(self):
        certificate = verifier.Certificate(machine_part("holding"))
        rest = [fact for fact in certificate.facts if fact[0] != b"quantity"]
        first, second = certificate.lots
        for facts, why in (
            ([(b"quantity", b"12,000 kg/a"), (b"quantity", b"0.3 kg/a")], None),
            ([(b"quantity", b"12,000"), (b"quantity", b"300"), (b"unit", b"kg/a"), (b"unit", b"g/a")], None),
            ([(b"quantity", b"12,000.3 kg/a")], None),
            ([(b"region", b"220100")], None),
            ([(b"quantity", b"0.3 kg/a"), (b"quantity", b"12,000 kg/a")], "quantity"),
            ([(b"quantity", b"12,000 kg/a")], "quantity"),
            ([(b"quantity", b"1")] * 3, "neither once nor once for each"),
            ([(b"region", b"220100")] * 3, "neither once nor once for each"),
            ([(b"lot", b"lots/9")], "do not name"),
        ):
            certificate.facts = rest + facts
            if why is None:
                verifier.Facts(certificate).check()
            else:
                self.assertRaisesRegex(verifier.Refused, why, verifier.Facts(certificate).check)
        certificate.facts = rest + [(b"quantity", b"12,000.3 kg/a")]
        second.title.unit = b"kg/a"
        self.assertRaisesRegex(verifier.Refused, "different units", verifier.Facts(certificate).check)
        second.title.unit = first.title.unit
        second.title.participant = b"participants/2"
        self.assertRaisesRegex(verifier.Refused, "the fact holder", verifier.Facts(certificate).check)

    def test_the_pledge_is_opened_on_every_lot_and_the_holders_own(self):
        def change(what):
            certificate = verifier.Certificate(machine_part("pledge"))
            (pledge,) = [encumbrance for encumbrance in certificate.lots[0].encumbrances if encumbrance.kind == verifier.PLEDGE]
            what(certificate, pledge)
            return verifier.Facts(certificate).check

        def say(certificate, principal):
            certificate.facts = [(name, principal if name == b"principal" else value) for name, value in certificate.facts]

        change(lambda certificate, _: say(certificate, b"CNY 1000000.00"))()
        self.assertRaisesRegex(verifier.Refused, "no opened pledge", change(lambda _, pledge: setattr(pledge, "opened", None)))
        self.assertRaisesRegex(verifier.Refused, "no opened pledge", change(lambda _, pledge: setattr(pledge, "kind", verifier.PLEDGE_APPLIED)))
        self.assertRaisesRegex(verifier.Refused, "the fact quantity", change(lambda _, pledge: setattr(pledge, "quantity", pledge.quantity - 1)))
        self.assertRaisesRegex(verifier.Refused, "pledgor is not", change(lambda certificate, _: setattr(certificate.lots[0].title, "participant", b"participants/2")))
        for principal in (b"1,000,000.00", b"USD 1,000,000.00", b"CNY 1,000,000", b"CNY 1,000,000.0", b"CNY 1,000,000.000", b"CNY 1,000,000.01", b"CNY 1,000,000.00 fen", b"CNY  1,000,000.00"):
            self.assertRaisesRegex(verifier.Refused, "the fact principal", change(lambda certificate, _, principal=principal: say(certificate, principal)))

    def test_facts_that_the_lots_contradict_are_refused(self):
        certificate = verifier.Certificate(machine_part("pledge"))
        honest = certificate.facts
        verifier.Facts(certificate).check()
        for name in (b"subject", b"pledge", b"pledgor", b"pledgee", b"state", b"principal", b"contract_number", b"unified_registry_number", b"lot", b"quantity"):
            certificate.facts = [(known, b"something else" if known == name else value) for known, value in honest]
            with self.assertRaises(verifier.Refused, msg=name):
                verifier.Facts(certificate).check()
        for name in (b"pledge", b"pledgee", b"lot"):
            certificate.facts = [fact for fact in honest if fact[0] != name]
            with self.assertRaises(verifier.Refused, msg=name):
                verifier.Facts(certificate).check()

    def test_amounts_are_compared_in_units_of_mass(self):
        for text in (b"10,000 kg/a", b"10000 kg/a", b"10 t/a", b"10.000 t/a", b"10,000,000 g/a", b"10000000"):
            amount = verifier.Amount(text, "quantity")
            self.assertTrue(amount.is_of(10_000_000, b"g/a", amount.unit or b"g/a"), text)
        for text in (b"10,001 kg/a", b"10,000 kg", b"10,000 t/a", b"10,000 short ton", b"0.0000001 t/a"):
            amount = verifier.Amount(text, "quantity")
            self.assertFalse(amount.is_of(10_000_000, b"g/a", amount.unit or b"g/a"), text)
        for text in (b"", b" ", b"kg/a", b"-1", b"+1", b"01", b"1,00", b"1000,000", b",100", b"0,100", b"1.", b".5", b"1.0000000001", b"1 ", b"99999999999999999999", "１".encode()):
            with self.assertRaises(verifier.Refused, msg=text):
                verifier.Amount(text, "quantity")

    def test_a_log_that_is_not_known_is_refused(self):
        stranger = encoded_key(b"songhua/other", verifier.LOG_KEY, bytes(32))
        self.assertIn("no trusted key of the log", why_refused(CERTIFICATES[0].read_bytes(), re.sub(rb"(?m)^log .*$", b"log " + stranger, KEYS)))

    def test_too_few_witnesses_are_refused(self):
        page = CERTIFICATES[0].read_bytes()
        for word in (b"witness", b"auditor"):
            other = word + b" " + encoded_key(b"witness.example/9", verifier.WITNESS_KEY, bytes(32))
            self.assertIn("1 trusted witnesses cosigned", why_refused(page, re.sub(rb"(?m)^" + word + rb" .*$", other, KEYS)))
            self.assertIsNone(why_refused(page, re.sub(rb"(?m)^" + word + rb" .*$", other, KEYS).replace(b"require 2", b"require 1")))

    def test_revoked_keys_count_as_long_as_they_were_trusted(self):
        page = CERTIFICATES[0].read_bytes()
        log, witness = (re.search(rb"(?m)^" + word + rb" (\S+)", KEYS)[1] for word in (b"log", b"witness"))
        fewer = KEYS.replace(b"require 2", b"require 1")
        self.assertIsNotNone(why_refused(page, KEYS + b"revoked " + log))
        self.assertIn("the log's key is revoked", why_refused(page, KEYS + b"revoked " + log + b" 2026-01-05"))
        self.assertIsNone(why_refused(page, KEYS + b"revoked " + log + b" 2026-01-06"))
        self.assertIn("require", why_refused(page, KEYS + b"revoked " + witness))
        self.assertIsNone(why_refused(page, fewer + b"revoked " + witness))
        self.assertIn("1 trusted witnesses cosigned", why_refused(page, KEYS + b"revoked " + witness + b" 2026-01-05"))
        self.assertIsNone(why_refused(page, KEYS + b"revoked " + witness + b" 2026-01-06"))

    def test_what_is_of_the_future_is_refused(self):
        page = CERTIFICATES[0].read_bytes()
        self.assertIn("in the future", why_refused(page, now_s=1_767_600_000 - 301))
        self.assertIn("in the future", why_refused(page, now_s=1_767_600_004 - 301))
        self.assertIsNone(why_refused(page, now_s=1_767_600_004 - 300))

    def test_cosignatures_of_another_time_do_not_count(self):
        page = (DATA / "certificates" / "version-1-pledge.html").read_bytes()  # cosigned 2 and 3 seconds after the map record
        self.assertIsNone(why_refused(page, age_max_s=3))
        self.assertIn("1 trusted witnesses cosigned", why_refused(page, age_max_s=2))
        self.assertIn("0 trusted witnesses cosigned", why_refused(page, age_max_s=1))

    def test_another_history_than_the_reader_holds_is_refused(self):
        page = (DATA / "certificates" / "version-1-pledge.html").read_bytes()
        notes = {name: (DATA / "certificates" / f"version-1-{name}.checkpoint").read_bytes() for name in ("pledge", "holding")}
        known = {name: verifier.read_known(note, verifier.Trust(KEYS)) for name, note in notes.items()}
        self.assertIsNone(why_refused(page, known=known["pledge"]))
        self.assertIn("the log has shown two histories", why_refused(page, known=known["holding"]))  # the two were made with logs of one name
        known["holding"].size += 1
        self.assertIsNone(why_refused(page, known=known["holding"]))
        known["holding"].origin = b"songhua/other"
        self.assertIn("of another log", why_refused(page, known=known["holding"]))
        with self.assertRaises(verifier.Refused):
            verifier.read_known(b"".join(line for line in notes["pledge"].splitlines(True) if not line.startswith("— songhua".encode())), verifier.Trust(KEYS))
        with self.assertRaises(verifier.Refused):
            verifier.read_known(flipped(notes["pledge"], notes["pledge"].index(b"\n") + 1), verifier.Trust(KEYS))

    def test_files_of_keys_that_do_not_read_are_refused(self):
        log = re.search(rb"(?m)^log (\S+)", KEYS)[1]
        self.assertEqual(len(verifier.Trust(b"log " + log).keys), 1)
        self.assertEqual(len(verifier.Trust(b"# a comment\r\n\r\n\tlog\t" + log + b" # another\n").keys), 1)
        for text in (b"", b"# log " + log, b"log", b"lock " + log, b"log " + log + b" 2026-01-05", b"witness " + log, b"log " + log[:-1], b"log " + log + b"\nlog " + log, b"log " + log + b"\nrequire 1",
                     b"log " + log + b"\nrequire", b"log " + log + b"\nrequire -1", b"log " + log + b"\nrequire 0\nrequire 0", b"log " + log + b"\nrevoked " + log + b" 2026-02-30",
                     b"log " + log + b"\nrevoked " + log + b" 1970-01-01", b"log " + log + b"\nrevoked " + log + b"\nrevoked " + log, b"log " + log + b" # \xff",
                     b"log " + log + b"\nrevoked " + log + b" 20260106", b"log " + log + b"\nlock " + encoded_key(b"w", verifier.WITNESS_KEY, bytes(32)), b"log " + log + b"\n" + b"#" * (1 << 20),
                     b"".join(b"log " + encoded_key(b"log%d" % i, verifier.LOG_KEY, bytes(32)) + b"\n" for i in range(1001))):
            with self.assertRaises(verifier.Refused, msg=text):
                verifier.Trust(text)

    def test_ed25519_verifies_and_refuses_as_all_cases_of_wycheproof_say(self):
        cases = json.loads((DATA / "conformance" / "wycheproof_ed25519_test.json").read_text())
        count = 0
        for group in cases["testGroups"]:
            key = bytes.fromhex(group["publicKey"]["pk"])
            for case in group["tests"]:
                verified = verifier.ed25519_verifies(key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
                self.assertEqual(verified, case["result"] == "valid", case["tcId"])
                count += 1
        self.assertEqual(count, 151)

    def test_crc32c_is_that_of_rfc_3720(self):
        self.assertEqual(verifier.crc32c(b"123456789"), 0xE3069283)
        self.assertEqual(verifier.crc32c(bytes(32)), 0x8A9136AA)

    def test_its_exit_says_what_was_found(self):
        keys = str(DATA / "certificates" / "version-1.keys")
        with tempfile.TemporaryDirectory() as folder:
            changed = pathlib.Path(folder) / "changed.html"
            changed.write_bytes(page_around(flipped(machine_part("receipt"), 100)))
            self.assertEqual(exit_of("--keys", keys, "--now", str(NOW_S), str(CERTIFICATES[0])), 0)
            self.assertEqual(exit_of("--keys", keys, "--now", str(NOW_S), str(changed)), 1)
            self.assertEqual(exit_of("--keys", str(changed), str(changed)), 2)
            self.assertEqual(exit_of("--keys", keys, str(pathlib.Path(folder) / "none")), 2)
            self.assertEqual(exit_of(keys), 2)


def encoded_key(name, type_, public_key):
    decoded = bytes([type_]) + public_key
    return name + b"+" + hashlib.sha256(name + b"\n" + decoded).digest()[:4].hex().encode() + b"+" + base64.b64encode(decoded)


def encoded_facts(facts):
    strings = [text for fact in facts for text in fact]
    return struct.pack("<I", len(facts)) + b"".join(struct.pack("<I", len(text)) + text for text in strings)


def exit_of(*arguments):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return verifier.main(arguments)
        except SystemExit as stop:  # the command line's own
            return stop.code


if __name__ == "__main__":
    unittest.main()
