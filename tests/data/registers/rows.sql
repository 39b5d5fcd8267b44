-- What such a register holds, whichever edition and database it is of.
INSERT INTO accounts (id, name, desk, tier, province_code, password_hash, language, created_at)
VALUES (7, 'lsm', 'ngo', 'partner', '53', 'x', 'en', '2026-01-01');
INSERT INTO sessions VALUES ('aa', 7, '2026-01-01', '2036-01-01');
INSERT INTO audit VALUES (3, '2026-01-01', 'lsm', 'partner', 'sign_in', '/v1/session', '', 200);
INSERT INTO audit VALUES (4, '2026-01-02', 'lsm', 'partner', 'get_area', '/v1/areas/53', '', 200);
INSERT INTO scenarios
VALUES ('s1', 7, 'partner', '53', 'Pos', '', '{}', true, 'r1', '2026-01-01', '2026-01-01');
