//! Tags by name, in the order of their numbers.
//!
//! Only tags that this crate or its users name. The user tags from 20101 on are described in
//! `docs/rules-of-engagement.md`.

macro_rules! tags {
    ($($name:ident = $number:literal, $doc:literal;)*) => {
        $(#[doc = concat!($doc, "(", $number, ").")] pub const $name: u32 = $number;)*

        /// The specification's name of a tag in the table above.
        #[must_use]
        pub const fn name(tag: u32) -> Option<&'static str> {
            match tag {
                $($number => Some($doc),)*
                _ => None,
            }
        }
    };
}

tags! {
    ACCOUNT                              =     1, "Account";
    AVG_PX                               =     6, "AvgPx";
    BEGIN_SEQ_NO                         =     7, "BeginSeqNo";
    BEGIN_STRING                         =     8, "BeginString";
    BODY_LENGTH                          =     9, "BodyLength";
    CHECK_SUM                            =    10, "CheckSum";
    CL_ORD_ID                            =    11, "ClOrdID";
    CUM_QTY                              =    14, "CumQty";
    CURRENCY                             =    15, "Currency";
    END_SEQ_NO                           =    16, "EndSeqNo";
    EXEC_ID                              =    17, "ExecID";
    EXEC_INST                            =    18, "ExecInst";
    EXEC_REF_ID                          =    19, "ExecRefID";
    EXEC_TRANS_TYPE                      =    20, "ExecTransType";
    HANDL_INST                           =    21, "HandlInst";
    SECURITY_ID_SOURCE                   =    22, "SecurityIDSource";
    LAST_MKT                             =    30, "LastMkt";
    LAST_PX                              =    31, "LastPx";
    LAST_QTY                             =    32, "LastQty";
    MSG_SEQ_NUM                          =    34, "MsgSeqNum";
    MSG_TYPE                             =    35, "MsgType";
    NEW_SEQ_NO                           =    36, "NewSeqNo";
    ORDER_ID                             =    37, "OrderID";
    ORDER_QTY                            =    38, "OrderQty";
    ORD_STATUS                           =    39, "OrdStatus";
    ORD_TYPE                             =    40, "OrdType";
    ORIG_CL_ORD_ID                       =    41, "OrigClOrdID";
    POSS_DUP_FLAG                        =    43, "PossDupFlag";
    PRICE                                =    44, "Price";
    REF_SEQ_NUM                          =    45, "RefSeqNum";
    SECURITY_ID                          =    48, "SecurityID";
    SENDER_COMP_ID                       =    49, "SenderCompID";
    SENDER_SUB_ID                        =    50, "SenderSubID";
    SENDING_TIME                         =    52, "SendingTime";
    SIDE                                 =    54, "Side";
    SYMBOL                               =    55, "Symbol";
    TARGET_COMP_ID                       =    56, "TargetCompID";
    TARGET_SUB_ID                        =    57, "TargetSubID";
    TEXT                                 =    58, "Text";
    TIME_IN_FORCE                        =    59, "TimeInForce";
    TRANSACT_TIME                        =    60, "TransactTime";
    SIGNATURE                            =    89, "Signature";
    SECURE_DATA_LEN                      =    90, "SecureDataLen";
    SECURE_DATA                          =    91, "SecureData";
    SIGNATURE_LENGTH                     =    93, "SignatureLength";
    RAW_DATA_LENGTH                      =    95, "RawDataLength";
    RAW_DATA                             =    96, "RawData";
    POSS_RESEND                          =    97, "PossResend";
    ENCRYPT_METHOD                       =    98, "EncryptMethod";
    STOP_PX                              =    99, "StopPx";
    EX_DESTINATION                       =   100, "ExDestination";
    CXL_REJ_REASON                       =   102, "CxlRejReason";
    ORD_REJ_REASON                       =   103, "OrdRejReason";
    HEART_BT_INT                         =   108, "HeartBtInt";
    MIN_QTY                              =   110, "MinQty";
    TEST_REQ_ID                          =   112, "TestReqID";
    LOCATE_REQD                          =   114, "LocateReqd";
    ON_BEHALF_OF_COMP_ID                 =   115, "OnBehalfOfCompID";
    ORIG_SENDING_TIME                    =   122, "OrigSendingTime";
    GAP_FILL_FLAG                        =   123, "GapFillFlag";
    DELIVER_TO_COMP_ID                   =   128, "DeliverToCompID";
    RESET_SEQ_NUM_FLAG                   =   141, "ResetSeqNumFlag";
    SENDER_LOCATION_ID                   =   142, "SenderLocationID";
    TARGET_LOCATION_ID                   =   143, "TargetLocationID";
    EXEC_TYPE                            =   150, "ExecType";
    LEAVES_QTY                           =   151, "LeavesQty";
    XML_DATA_LEN                         =   212, "XmlDataLen";
    XML_DATA                             =   213, "XmlData";
    MD_REQ_ID                            =   262, "MDReqID";
    NO_MD_ENTRIES                        =   268, "NoMDEntries";
    MD_ENTRY_TYPE                        =   269, "MDEntryType";
    MD_ENTRY_PX                          =   270, "MDEntryPx";
    MD_ENTRY_SIZE                        =   271, "MDEntrySize";
    MD_ENTRY_ID                          =   278, "MDEntryID";
    MD_UPDATE_ACTION                     =   279, "MDUpdateAction";
    MD_ENTRY_POSITION_NO                 =   290, "MDEntryPositionNo";
    ENCODED_ISSUER_LEN                   =   348, "EncodedIssuerLen";
    ENCODED_ISSUER                       =   349, "EncodedIssuer";
    ENCODED_SECURITY_DESC_LEN            =   350, "EncodedSecurityDescLen";
    ENCODED_SECURITY_DESC                =   351, "EncodedSecurityDesc";
    ENCODED_LIST_EXEC_INST_LEN           =   352, "EncodedListExecInstLen";
    ENCODED_LIST_EXEC_INST               =   353, "EncodedListExecInst";
    ENCODED_TEXT_LEN                     =   354, "EncodedTextLen";
    ENCODED_TEXT                         =   355, "EncodedText";
    ENCODED_SUBJECT_LEN                  =   356, "EncodedSubjectLen";
    ENCODED_SUBJECT                      =   357, "EncodedSubject";
    ENCODED_HEADLINE_LEN                 =   358, "EncodedHeadlineLen";
    ENCODED_HEADLINE                     =   359, "EncodedHeadline";
    ENCODED_ALLOC_TEXT_LEN               =   360, "EncodedAllocTextLen";
    ENCODED_ALLOC_TEXT                   =   361, "EncodedAllocText";
    ENCODED_UNDERLYING_ISSUER_LEN        =   362, "EncodedUnderlyingIssuerLen";
    ENCODED_UNDERLYING_ISSUER            =   363, "EncodedUnderlyingIssuer";
    ENCODED_UNDERLYING_SECURITY_DESC_LEN =   364, "EncodedUnderlyingSecurityDescLen";
    ENCODED_UNDERLYING_SECURITY_DESC     =   365, "EncodedUnderlyingSecurityDesc";
    LAST_MSG_SEQ_NUM_PROCESSED           =   369, "LastMsgSeqNumProcessed";
    REF_TAG_ID                           =   371, "RefTagID";
    REF_MSG_TYPE                         =   372, "RefMsgType";
    SESSION_REJECT_REASON                =   373, "SessionRejectReason";
    EXEC_RESTATEMENT_REASON              =   378, "ExecRestatementReason";
    BUSINESS_REJECT_REF_ID               =   379, "BusinessRejectRefID";
    BUSINESS_REJECT_REASON               =   380, "BusinessRejectReason";
    MAX_MESSAGE_SIZE                     =   383, "MaxMessageSize";
    CXL_REJ_RESPONSE_TO                  =   434, "CxlRejResponseTo";
    ENCODED_LIST_STATUS_TEXT_LEN         =   445, "EncodedListStatusTextLen";
    ENCODED_LIST_STATUS_TEXT             =   446, "EncodedListStatusText";
    TEST_MESSAGE_INDICATOR               =   464, "TestMessageIndicator";
    SECONDARY_CL_ORD_ID                  =   526, "SecondaryClOrdID";
    USERNAME                             =   553, "Username";
    PASSWORD                             =   554, "Password";
    ENCODED_LEG_ISSUER_LEN               =   618, "EncodedLegIssuerLen";
    ENCODED_LEG_ISSUER                   =   619, "EncodedLegIssuer";
    ENCODED_LEG_SECURITY_DESC_LEN        =   621, "EncodedLegSecurityDescLen";
    ENCODED_LEG_SECURITY_DESC            =   622, "EncodedLegSecurityDesc";
    NEXT_EXPECTED_MSG_SEQ_NUM            =   789, "NextExpectedMsgSeqNum";
    ORD_STATUS_REQ_ID                    =   790, "OrdStatusReqID";
    NEW_PASSWORD                         =   925, "NewPassword";
    APPL_VER_ID                          =  1128, "ApplVerID";
    DEFAULT_APPL_VER_ID                  =  1137, "DefaultApplVerID";
    SESSION_STATUS                       =  1409, "SessionStatus";
    ORDER_ORIGIN                         = 20101, "OrderOrigin";
    FEE_CLASS                            = 20102, "FeeClass";
    VOICE_RECORD_ID                      = 20103, "VoiceRecordID";
    GATE_CODE                            = 20110, "GateCode";
    GATE_LIMIT                           = 20111, "GateLimit";
    GATE_OBSERVED                        = 20112, "GateObserved";
    GATE_CONFIRM                         = 20113, "GateConfirm";
    MISSING_QTY                          = 20120, "MissingQty";
}

/// The data field whose length the given field holds: the value of the data field may contain SOH.
#[must_use]
pub const fn data_of_length(length_tag: u32) -> Option<u32> {
    match length_tag {
        // The one pair whose data field has the lower number.
        SIGNATURE_LENGTH => Some(SIGNATURE),
        SECURE_DATA_LEN
        | RAW_DATA_LENGTH
        | XML_DATA_LEN
        | ENCODED_ISSUER_LEN
        | ENCODED_SECURITY_DESC_LEN
        | ENCODED_LIST_EXEC_INST_LEN
        | ENCODED_TEXT_LEN
        | ENCODED_SUBJECT_LEN
        | ENCODED_HEADLINE_LEN
        | ENCODED_ALLOC_TEXT_LEN
        | ENCODED_UNDERLYING_ISSUER_LEN
        | ENCODED_UNDERLYING_SECURITY_DESC_LEN
        | ENCODED_LIST_STATUS_TEXT_LEN
        | ENCODED_LEG_ISSUER_LEN
        | ENCODED_LEG_SECURITY_DESC_LEN => Some(length_tag + 1),
        _ => None,
    }
}
