//! What the store promises, one thread at a time or with few: models, limits, isolation of runs,
//! migration. One test program, because linking one for each file takes longer than running it.

mod agree;
mod isolation;
mod limits;
mod migration;
mod model;

mod support {
    pub(crate) mod checked_store;
    pub(crate) mod checked_transaction;
    pub(crate) mod key_table;
    pub(crate) mod program;
    pub(crate) mod version_model;
}
