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
import tempfile
import unittest

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
            verifier.read_known(flipped(notes["pledge"], notes["pledge"].index(b"\n") + 1), verifier.Trust(KEYS))

    def test_files_of_keys_that_do_not_read_are_refused(self):
        log = re.search(rb"(?m)^log (\S+)", KEYS)[1]
        self.assertEqual(len(verifier.Trust(b"log " + log).keys), 1)
        self.assertEqual(len(verifier.Trust(b"# a comment\r\n\r\n\tlog\t" + log + b" # another\n").keys), 1)
        for text in (b"", b"# log " + log, b"log", b"lock " + log, b"log " + log + b" 2026-01-05", b"witness " + log, b"log " + log[:-1], b"log " + log + b"\nlog " + log, b"log " + log + b"\nrequire 1",
                     b"log " + log + b"\nrequire", b"log " + log + b"\nrequire -1", b"log " + log + b"\nrequire 0\nrequire 0", b"log " + log + b"\nrevoked " + log + b" 2026-02-30",
                     b"log " + log + b"\nrevoked " + log + b" 1970-01-01", b"log " + log + b"\nrevoked " + log + b"\nrevoked " + log, b"log " + log + b" # \xff"):
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


def exit_of(*arguments):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return verifier.main(arguments)
        except SystemExit as stop:  # the command line's own
            return stop.code


if __name__ == "__main__":
    unittest.main()
