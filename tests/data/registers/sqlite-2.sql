-- The tables of a register of schema_version 2, as the edition that had it made them.
CREATE TABLE schema_version (
    version INTEGER NOT NULL,
    PRIMARY KEY (version)
);
CREATE TABLE accounts (
    id INTEGER NOT NULL,
    name VARCHAR(64) NOT NULL,
    desk VARCHAR(16) NOT NULL,
    tier VARCHAR(16) NOT NULL,
    province_code VARCHAR(2),
    password_hash VARCHAR(200) NOT NULL,
    language VARCHAR(2) DEFAULT 'id' NOT NULL,
    created_at VARCHAR(32) NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT tier_known CHECK (tier IN ('public', 'partner', 'police')),
    CONSTRAINT partner_province CHECK (tier <> 'partner' OR province_code IS NOT NULL),
    UNIQUE (name)
);
CREATE TABLE audit (
    id INTEGER NOT NULL,
    at VARCHAR(32) NOT NULL,
    account VARCHAR(64) NOT NULL,
    tier VARCHAR(16) NOT NULL,
    action VARCHAR(64) NOT NULL,
    target VARCHAR(200) DEFAULT '' NOT NULL,
    parameters VARCHAR(200) DEFAULT '' NOT NULL,
    status INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_audit_at ON audit (at);
CREATE TABLE sessions (
    token_hash VARCHAR(64) NOT NULL,
    account_id INTEGER NOT NULL,
    created_at VARCHAR(32) NOT NULL,
    expires_at VARCHAR(32) NOT NULL,
    PRIMARY KEY (token_hash),
    FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX ix_sessions_expires_at ON sessions (expires_at);
CREATE INDEX ix_sessions_account_id ON sessions (account_id);
CREATE TABLE scenarios (
    id VARCHAR(32) NOT NULL,
    account_id INTEGER,
    tier VARCHAR(16) NOT NULL,
    province_code VARCHAR(2),
    name VARCHAR(120) NOT NULL,
    note VARCHAR(500) DEFAULT '' NOT NULL,
    changes TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    release VARCHAR(32) NOT NULL,
    created_at VARCHAR(32) NOT NULL,
    updated_at VARCHAR(32) NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX ix_scenarios_account_id ON scenarios (account_id);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append only'); END;
INSERT INTO schema_version VALUES (2);
