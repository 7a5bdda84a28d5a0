-- A tuning database of schema 1, as sqlite3's dump of one gives it.
PRAGMA application_id = 0x57535444;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE dimension (
    workload_id INTEGER NOT NULL REFERENCES workload (id),
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (workload_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "dimension" VALUES(1,'B',2);
INSERT INTO "dimension" VALUES(1,'D',32);
INSERT INTO "dimension" VALUES(1,'T',64);
CREATE TABLE environment (
    id INTEGER PRIMARY KEY,
    target TEXT NOT NULL,
    architecture TEXT NOT NULL,
    device TEXT NOT NULL,
    driver TEXT NOT NULL,
    toolkit TEXT NOT NULL,
    compile_options TEXT NOT NULL,
    library_version TEXT NOT NULL,
    UNIQUE (target, architecture, device, driver, toolkit, compile_options, library_version)
) STRICT;
INSERT INTO "environment" VALUES(1,'h200','sm_90a','','','13.0','--gpu-architecture=sm_90a --std=c++20 -lineinfo --ptxas-options=-v --no-source-include','0.1.0');
INSERT INTO "environment" VALUES(2,'h200','sm_90a','emulator','','13.0','--gpu-architecture=sm_90a --std=c++20 -lineinfo --ptxas-options=-v --no-source-include','0.1.0');
CREATE TABLE sample (
    trial_id INTEGER NOT NULL REFERENCES trial (id),
    timing TEXT NOT NULL,
    position INTEGER NOT NULL,
    microseconds REAL NOT NULL,
    PRIMARY KEY (trial_id, timing, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE trial (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workload_id INTEGER NOT NULL REFERENCES workload (id),
    environment_id INTEGER NOT NULL REFERENCES environment (id),
    config TEXT NOT NULL,
    source_digest TEXT NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT NOT NULL,
    registers INTEGER NOT NULL,
    spill_store_bytes INTEGER NOT NULL,
    spill_load_bytes INTEGER NOT NULL,
    stack_bytes INTEGER NOT NULL,
    static_smem_bytes INTEGER NOT NULL,
    modelled_us REAL NOT NULL,
    time_kind TEXT NOT NULL,
    median_us REAL NOT NULL,
    batch_us REAL NOT NULL,
    verified_on TEXT NOT NULL,
    max_error REAL NOT NULL,
    tolerance REAL NOT NULL,
    recorded_at TEXT NOT NULL
) STRICT;
INSERT INTO "trial" VALUES(1,1,1,'lanes=8 segments=8 steps=8 vector=1','8b914a34c3c5844ae97854ddc1654509','modelled','',45,0,0,0,1024,2.57049180327868853623e+00,'modelled',2.57049180327868853623e+00,0.0,'',0.0,0.0,'2026-11-26T21:55:05Z');
INSERT INTO "trial" VALUES(2,1,1,'lanes=16 segments=8 steps=8 vector=1','159354d3fd8f22a87e22cbcae14edb7e','modelled','',45,0,0,0,2048,2.57049180327868853623e+00,'modelled',2.57049180327868853623e+00,0.0,'',0.0,0.0,'2026-11-26T21:55:05Z');
INSERT INTO "trial" VALUES(3,1,1,'lanes=8 segments=16 steps=4 vector=1','f235816d7cf2227ac8a93b7d5396c5aa','modelled','',40,0,0,0,2048,2.60546448087431681273e+00,'modelled',2.60546448087431681273e+00,0.0,'',0.0,0.0,'2026-11-26T21:55:06Z');
INSERT INTO "trial" VALUES(4,1,1,'lanes=16 segments=4 steps=16 vector=1','2ef726dfa00c0ad3cc3712d5d88d0c46','modelled','',64,0,0,0,1024,2.60546448087431681273e+00,'modelled',2.60546448087431681273e+00,0.0,'',0.0,0.0,'2026-11-26T21:55:06Z');
INSERT INTO "trial" VALUES(5,1,2,'lanes=16 segments=8 steps=8 vector=1','159354d3fd8f22a87e22cbcae14edb7e','ok','h is off by 1.8e-07 at most; 7.8e-07 is allowed',45,0,0,0,2048,2.57049180327868853623e+00,'modelled',2.57049180327868853623e+00,0.0,'emulator',1.80596509524733050966e-07,7.76641446265102786128e-07,'2026-11-26T21:55:06Z');
INSERT INTO "trial" VALUES(6,1,2,'lanes=8 segments=8 steps=8 vector=1','8b914a34c3c5844ae97854ddc1654509','ok','h is off by 1.8e-07 at most; 7.8e-07 is allowed',45,0,0,0,1024,2.57049180327868853623e+00,'modelled',2.57049180327868853623e+00,0.0,'emulator',1.80596509524733050966e-07,7.76641446265102786128e-07,'2026-11-26T21:55:06Z');
INSERT INTO "trial" VALUES(7,1,2,'lanes=16 segments=4 steps=16 vector=1','2ef726dfa00c0ad3cc3712d5d88d0c46','ok','h is off by 2e-07 at most; 7.8e-07 is allowed',64,0,0,0,1024,2.60546448087431681273e+00,'modelled',2.60546448087431681273e+00,0.0,'emulator',2.02628128498361093079e-07,7.76641446265102786128e-07,'2026-11-26T21:55:06Z');
INSERT INTO "trial" VALUES(8,1,2,'lanes=8 segments=16 steps=4 vector=1','f235816d7cf2227ac8a93b7d5396c5aa','ok','h is off by 2.2e-07 at most; 7.8e-07 is allowed',40,0,0,0,2048,2.60546448087431681273e+00,'modelled',2.60546448087431681273e+00,0.0,'emulator',2.20389540395160565822e-07,7.76641446265102786128e-07,'2026-11-26T21:55:06Z');
CREATE TABLE workload (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    family TEXT NOT NULL,
    dtype TEXT NOT NULL,
    options TEXT NOT NULL
) STRICT;
INSERT INTO "workload" VALUES(1,'scan B=2 D=32 T=64 dtype=f32 direction=forward','scan','f32','direction=forward');
CREATE INDEX workload_by_family ON workload (family, dtype, options);
CREATE INDEX trial_by_configuration ON trial (workload_id, config, environment_id, source_digest);
CREATE TRIGGER trial_is_never_changed BEFORE UPDATE ON trial
BEGIN SELECT RAISE(ABORT, 'trials are only ever added'); END;
CREATE TRIGGER trial_is_never_deleted BEFORE DELETE ON trial
BEGIN SELECT RAISE(ABORT, 'trials are only ever added'); END;
CREATE VIEW trial_record AS
SELECT trial.*, workload.key AS workload, workload.family, workload.dtype, workload.options,
       environment.target, environment.architecture, environment.device, environment.driver,
       environment.toolkit, environment.compile_options, environment.library_version
FROM trial
JOIN workload ON workload.id = trial.workload_id
JOIN environment ON environment.id = trial.environment_id;
CREATE VIEW newest_trial AS
SELECT * FROM trial_record AS record
WHERE id = (SELECT max(same.id) FROM trial AS same
            WHERE same.workload_id = record.workload_id AND same.config = record.config
              AND same.environment_id = record.environment_id AND same.source_digest = record.source_digest);
COMMIT;
