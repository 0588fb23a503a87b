//! How the tables meet. A query that joins two of them takes the way from here, so that each is written once.

use entity::{
    collection, collection_member, container, image, image_signature, key, label, session,
    share_link, tag, team, team_member, token, user,
};
use sea_orm::{EntityTrait, RelationDef};

/// The ways: name, from table and column, to table and column.
macro_rules! joins {
    ($($name:ident: $from:ident $from_column:ident => $to:ident $to_column:ident;)*) => {$(
        pub(super) fn $name() -> RelationDef {
            $from::Entity::belongs_to($to::Entity)
                .from($from::Column::$from_column)
                .to($to::Column::$to_column)
                .into()
        }
    )*};
}

joins! {
    collection_of_container: container CollectionId => collection Id;
    collection_of_member: collection_member CollectionId => collection Id;
    container_of_image: image ContainerId => container Id;
    container_of_tag: tag ContainerId => container Id;
    image_of_label: label ImageId => image Id;
    image_of_tag: tag ImageId => image Id;
    signature_of_image: image Id => image_signature ImageId;
    tag_of_image: image Id => tag ImageId;
    team_of_member: team_member TeamId => team Id;
    user_of_image: image CreatedBy => user Id;
    user_of_key: key UserId => user Id;
    user_of_member: collection_member UserId => user Id;
    user_of_session: session UserId => user Id;
    user_of_share: share_link CreatedBy => user Id;
    user_of_tag: tag UpdatedBy => user Id;
    user_of_team_member: team_member UserId => user Id;
    user_of_token: token UserId => user Id;
}
